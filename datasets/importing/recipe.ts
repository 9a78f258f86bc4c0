import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import type { ImportOptions, ImportRecipe } from '../../main/contract/importing.ts'
import { StrandError } from '../errors.ts'

/** The recipe of an import that was made: what was chosen, and the names of what was given. */
export function recipeOf(options: ImportOptions, sources: readonly { name: string }[]): ImportRecipe {
  const { from, versionOf: _, synthetic: __, ...rest } = options
  return { version: 1, files: from ?? sources.map(({ name }) => name), options: rest }
}

/** A recipe file's text → the recipe. Throws 'config/invalid' with what is wrong; the options are checked where every import's are. */
export function parseRecipe(text: string, file: string): ImportRecipe {
  const refuse = (why: string): never => {
    throw new StrandError('config/invalid', `${file} ${why}. Write one with "strand recipe --dataset N".`, { file })
  }
  let recipe: Partial<ImportRecipe>
  try {
    recipe = JSON.parse(text) as Partial<ImportRecipe>
  } catch (error) {
    return refuse(`is not JSON: ${(error as Error).message}`)
  }
  if (typeof recipe !== 'object' || recipe === null) return refuse('is no recipe, which is a JSON object with version, files and options')
  if (recipe.version !== 1) return refuse(`is a recipe of version ${JSON.stringify(recipe.version)}, and this Strand reads version 1`)
  const { files, options } = recipe
  if (!Array.isArray(files) || files.length === 0 || files.some((one) => typeof one !== 'string' || one === ''))
    return refuse('names no files: "files" is a list of paths, in which * and ? stand for any letters')
  if (typeof options !== 'object' || options === null) return refuse('has no "options"')
  return { version: 1, files, options }
}

/** The paths a recipe means, beside `folder`: plain paths as they are, patterns by what is there, in natural order. */
export function recipePaths({ files }: ImportRecipe, folder: string): string[] {
  return files.flatMap((pattern) => {
    if (!/[*?]/.test(pattern)) return [resolve(folder, pattern)]
    const found = matching(folder, pattern)
    if (found.length === 0)
      throw new StrandError(
        'not-found',
        `No file fits "${pattern}" in ${resolve(folder)}. Check the recipe's files, or name the files instead.`,
        {
          pattern,
        },
      )
    return found
  })
}

function matching(folder: string, pattern: string): string[] {
  const parts = pattern.split(/[\\/]/)
  const fixed = parts.slice(
    0,
    parts.findIndex((part) => /[*?]/.test(part)),
  )
  const root = resolve(folder, ...fixed)
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) return []
  const source = parts
    .slice(fixed.length)
    .map((part) =>
      part === '**'
        ? '**'
        : part
            .replace(/[.+^${}()|[\]\\]/g, '\\$&')
            .replaceAll('*', '[^/]*')
            .replaceAll('?', '[^/]'),
    )
    .join('/')
    .replaceAll('**/', '(?:.*/)?')
    .replaceAll('**', '.*')
  const expression = new RegExp(`^${source}$`, 'u')
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => expression.test(relative(root, path).split(sep).join('/')))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}

/** Where a recipe's files lie: the folder of the file itself. */
export const recipeFolder = (file: string): string => dirname(resolve(file))

/** "GunPoint.recipe.json" for a dataset of that name. */
export const recipeFileName = (dataset: string): string => `${basename(dataset).replace(/[^\p{L}\p{N} ._-]+/gu, '-')}.recipe.json`
