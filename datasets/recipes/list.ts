// node datasets/recipes/list.ts: writes README.md of this folder from the recipes in it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { ImportRecipe } from '../../main/contract/importing.ts'
import type { BaselineSpec } from './baseline.ts'

interface Recipe extends ImportRecipe {
  title: string
  task: string
  source: string
  licence: string
  baseline?: BaselineSpec
}

export const recipeNames = (): string[] =>
  readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.json'))
    .map((name) => basename(name, '.json'))
    .sort()

export const readRecipe = (name: string): Recipe => JSON.parse(readFileSync(join(import.meta.dirname, `${name}.json`), 'utf8')) as Recipe

if (process.argv[1] === import.meta.filename) {
  const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const recipes = recipeNames().map((name) => ({ name, ...readRecipe(name) }))
  const expected = ({ kind, order, expected: value, unit, within }: BaselineSpec): string =>
    `${order === undefined ? kind : `${kind}, order ${order}`}: ${value} ${unit} (± ${within})`
  writeFileSync(
    join(import.meta.dirname, 'README.md'),
    `# Recipes for published data sets

Each file says how one published data set is imported: which files, what labels them, how its publication divides it. Strand does not ship these
data; a recipe finds them by patterns beside a folder that you give:

    strand import --recipe datasets/recipes/etth1.json --from FOLDER --project PROJECT
    npm run recipes -- --from FOLDER            # all of them, with their baselines; --only etth1,trec for some

\`npm run recipes\` prints the naive baseline of a set beside the number it should have, and ends with exit code 1 where one differs or a set does not
import. This list is made by \`node datasets/recipes/list.ts\`.

${[row(['recipe', 'files in FOLDER', 'task', 'baseline', 'source; licence']), row(['---', '---', '---', '---', '---'])].join('\n')}
${recipes
  .map(({ name, files, task, baseline, source, licence }) =>
    row([`\`${name}\``, files.map((file) => `\`${file}\``).join(', '), task, baseline ? expected(baseline) : '', `${source}; ${licence}`]),
  )
  .join('\n')}

Files that have no recipe: BED, VCF and GFF samples without the genome they belong to (drop them together with its FASTA), the FASTQ
samples that are broken on purpose (their import ends with a sentence that says where), a GenBank record of a protein, and a file in two layers of gzip.
`,
  )
}
