/**
 * npm run recipes -- --from FOLDER [--only etth1,trec] [--project FOLDER]: imports every data set that has a recipe here from the folder that holds them,
 * as its publication divides it, and computes the naive baseline beside the number it should have. Exit code 1 where one does not import, or differs.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { importFiles } from '../importing/importFiles.ts'
import { parseRecipe, recipePaths } from '../importing/recipe.ts'
import { getDatasetDetail, openProject, type WritableStore } from '../store/store.ts'
import { baseline, type BaselineSpec } from './baseline.ts'

const { values } = parseArgs({ options: { from: { type: 'string' }, only: { type: 'string' }, project: { type: 'string' } } })
if (!values.from) {
  console.error('Say which folder holds the data sets: npm run recipes -- --from FOLDER. datasets/recipes/README.md lists its files.')
  process.exit(2)
}

const names = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.json'))
  .map((name) => basename(name, '.json'))
  .filter((name) => !values.only || values.only.split(',').includes(name))
const scratch = values.project ? null : mkdtempSync(join(tmpdir(), 'strand-recipes-'))
const store = openProject(values.project ?? scratch!)
let failed = 0
try {
  for (const name of names) if (!(await one(store, name, resolve(values.from)))) failed++
} finally {
  store.close()
  if (scratch) rmSync(scratch, { recursive: true, force: true })
}
console.log(failed === 0 ? `All ${names.length} recipes imported.` : `${failed} of ${names.length} recipes failed.`)
process.exitCode = failed === 0 ? 0 : 1

async function one(into: WritableStore, name: string, folder: string): Promise<boolean> {
  const file = join(import.meta.dirname, `${name}.json`)
  try {
    const text = readFileSync(file, 'utf8')
    const recipe = parseRecipe(text, file)
    const { datasetId } = await importFiles(into, { paths: recipePaths(recipe, folder), options: recipe.options })
    const { format, records, length, unit, labels, splits, report } = getDatasetDetail(into, datasetId)
    const classes = labels?.kind === 'class' ? `, ${labels.names.length} classes` : ''
    const parts = splits.map(({ split, records: n }) => `${split} ${n.toLocaleString('en')}`).join(', ')
    const { repaired, skipped } = report
    console.log(
      `${name}: ${format}, ${records.toLocaleString('en')} records, ${length.toLocaleString('en')} ${unit}${classes}; ${parts}; repaired ${repaired}, skipped ${skipped}`,
    )
    const { baseline: spec } = JSON.parse(text) as { baseline?: BaselineSpec }
    if (!spec) return true
    const value = baseline(into, datasetId, spec)
    const right = Math.abs(value - spec.expected) <= spec.within
    console.log(
      `  ${spec.kind}: ${value.toFixed(3)} ${spec.unit}, expected ${spec.expected}${right ? '' : `, more than ${spec.within} away`}`,
    )
    return right
  } catch (error) {
    console.log(`${name}: ${(error as Error).message}`)
    return false
  }
}
