import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

interface Import {
  file: string
  from: string
  typeOnly: boolean
}

/** What a folder's code may import of ours. Tests may use what their subject's callers use. `types` may be imported as types only. */
const RULES: Record<string, { code: string[]; types: string[] }> = {
  kernels: { code: ['kernels'], types: ['kernels', 'main/contract'] },
  // the counter-based generator has one home
  datasets: { code: ['datasets', 'kernels/random'], types: ['datasets', 'kernels/random', 'kernels/tensor', 'main/contract'] },
  projects: { code: ['projects', 'kernels', 'datasets'], types: ['projects', 'kernels', 'datasets', 'main/contract'] },
  'main/contract': { code: [], types: ['main/contract'] },
  main: { code: ['main', 'projects', 'datasets', 'kernels'], types: ['main', 'projects', 'datasets', 'kernels'] },
  renderer: { code: ['renderer'], types: ['renderer', 'main/contract'] },
  e2e: { code: ['e2e', 'playwright.config.ts'], types: ['e2e', 'main/contract'] },
}

/** Packages that only one place may name. */
const KEPT: Record<string, string[]> = {
  'better-sqlite3': ['datasets/store'],
  webgpu: ['kernels/backends/webgpu'],
  electron: ['main/electron'],
  ws: ['main/web'],
  commander: ['main/cli'],
  zod: ['main', 'projects', 'datasets', 'kernels'],
  vue: ['renderer'],
  pinia: ['renderer'],
  echarts: ['renderer'],
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const pattern = /^\s*(?:import|export)\s+(type\s)?(?:([^'"`;]*?)\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm
  return [...text.matchAll(pattern)].map(([, type, names, from, dynamic]) => ({
    file,
    from: from ?? dynamic,
    // import { type A, type B } is types only as well
    typeOnly: type !== undefined || (names !== undefined && /^\{(\s*type\s[^,}]+,?)+\s*\}$/.test(names)),
  }))
}

const files = Object.keys(RULES)
  .filter((folder) => !folder.includes('/'))
  .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
  .filter((name) => /\.(ts|vue|mjs)$/.test(name) && !name.includes('node_modules'))
const imports = files.flatMap(importsOf)

/** The nearest rule above a path: main/contract before main. */
const ruleOf = (file: string): string =>
  Object.keys(RULES)
    .filter((folder) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0]
const within = (path: string, places: string[]): boolean => places.some((place) => path === place || path.startsWith(`${place}/`))

test('there is something to look at', () => {
  expect(imports.length).toBeGreaterThan(200)
})

test('each folder imports only what the architecture allows it', () => {
  const broken = imports
    .filter(({ from }) => from.startsWith('.'))
    .map(({ file, from, typeOnly }) => ({ file, typeOnly, target: relative(ROOT, join(ROOT, file, '..', from)) }))
    .filter(({ file, typeOnly, target }) => !within(target, RULES[ruleOf(file)][typeOnly ? 'types' : 'code']))
    .map(({ file, typeOnly, target }) => `${file} imports ${typeOnly ? 'types of ' : ''}${target}`)
  expect(broken).toEqual([])
})

test('packages with one home are imported from nowhere else', () => {
  const broken = imports
    .filter(({ file, from, typeOnly }) => !typeOnly && !file.startsWith('e2e/') && from in KEPT && !within(file, KEPT[from]))
    .map(({ file, from }) => `${file} imports ${from}`)
  expect(broken).toEqual([])
})
