/*
 * node projects/testing/checkEveryExport.ts [PYTHON]
 * Trains a small model of each mixer for a few steps, exports it, and compares strand_model.py in PyTorch with the engine (checkExport.ts).
 * Not among the tests, because it needs a Python with PyTorch.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { mixers } from '../../kernels/mixers/registry.ts'
import { exportRun } from '../exporting/exportRun.ts'
import type { Setting } from '../config/check.ts'
import { quiet, TestProject } from './project.ts'

const project = new TestProject()
const sound = await project.import('tone.wav', tone(4000))
const text = await project.import('words.txt', 'the quick brown fox jumps over the lazy dog. '.repeat(100))
const variants: { name: string; set: Record<string, Setting>; sound?: boolean }[] = [
  ...Object.values(mixers).map(({ name, causal }) => ({ name, set: { 'objective.kind': causal ? 'next-token' : 'masked' } })),
  { name: 'mamba', set: { 'model.mixers.mamba.selective': false } },
  { name: 'attention', set: { 'model.layers': 'mamba{d_state: 8}, attention{n_heads: 4, window: 8}, attention' } },
  { name: 's4d', set: {}, sound: true },
]
let failed = 0
try {
  for (const [i, { name, set, sound: isSound }] of variants.entries()) {
    const runId = project.create(isSound ? sound : text, isSound ? 'sashimi-small' : 'mamba-small', {
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
    console.log(
      `${isSound ? 'SaShiMi of ' : ''}${name} ${JSON.stringify(set)}: ${status === 0 ? stdout.trim() : `FAILED\n${stdout}${stderr}`}`,
    )
  }
} finally {
  project.close()
}
process.exitCode = failed === 0 ? 0 : 1

/** A WAV of 16-bit mono samples. */
function tone(samples: number): Uint8Array {
  const data = Int16Array.from({ length: samples }, (_, i) => 9000 * Math.sin(i / 9))
  const wav = new Uint8Array(44 + 2 * samples)
  const view = new DataView(wav.buffer)
  const text = (at: number, letters: string): void => [...letters].forEach((letter, i) => (wav[at + i] = letter.charCodeAt(0)))
  text(0, 'RIFF')
  view.setUint32(4, 36 + 2 * samples, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, 8000, true)
  view.setUint32(28, 16_000, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  text(36, 'data')
  view.setUint32(40, 2 * samples, true)
  wav.set(new Uint8Array(data.buffer), 44)
  return wav
}
