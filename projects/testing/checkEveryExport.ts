/*
 * node projects/testing/checkEveryExport.ts [PYTHON]
 * Trains a small model of each mixer for a few steps, exports it, and compares strand_model.py in PyTorch with the engine (checkExport.ts).
 * Not among the tests, because it needs a Python with PyTorch.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { mixers } from '../../kernels/mixers/registry.ts'
import { exportRun } from '../exporting/exportRun.ts'
import { quiet, TestProject } from './project.ts'

const project = new TestProject()
const text = await project.import('words.txt', 'the quick brown fox jumps over the lazy dog. '.repeat(100))
const variants = [
  ...Object.keys(mixers).map((name) => ({ name, set: {} })),
  { name: 'mamba', set: { 'model.mixers.mamba.selective': false } },
]
let failed = 0
try {
  for (const [i, { name, set }] of variants.entries()) {
    const runId = project.create(text, 'mamba-small', {
      'model.layers': `2×${name}`,
      'model.d_model': 64,
      'model.norm': 'layer',
      'data.seqlen': 48,
      'data.batch': 4,
      'training.steps': 5,
      'training.sample_every': 0,
      ...set,
    })
    await project.train(runId)
    const target = join(project.folder, 'exports', `${i}-${name}`)
    await exportRun(project.store, { runId, target, device: 'cpu' }, quiet)
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, 'checkExport.ts'), target, ...process.argv.slice(2)],
      { encoding: 'utf8' },
    )
    failed += Number(status !== 0)
    console.log(`${name} ${JSON.stringify(set)}: ${status === 0 ? stdout.trim() : `FAILED\n${stdout}${stderr}`}`)
  }
} finally {
  project.close()
}
process.exitCode = failed === 0 ? 0 : 1
