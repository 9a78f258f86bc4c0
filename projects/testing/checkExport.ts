import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { DeviceBuffer } from '../../kernels/backends/backend.ts'
import { CpuBackend } from '../../kernels/backends/cpu/cpu.ts'
import { Model, type ModelConfig } from '../../kernels/models/model.ts'
import { forwardPlan } from '../../kernels/models/plans.ts'
import { parseSafetensors } from '../../kernels/weights/safetensors.ts'
import type { RunConfig } from '../../main/contract/run.ts'
import { arenaOf } from '../exporting/weights.ts'

/*
 * node projects/testing/checkExport.ts FOLDER [PYTHON]
 * Builds the model from an exported folder alone and compares its outputs with those of strand_model.py in PyTorch.
 * Not among the tests, because it needs a Python with PyTorch.
 */
const PYTHON = `
import sys, numpy, torch
folder, scratch, shape = sys.argv[1], sys.argv[2], [int(n) for n in sys.argv[3].split(",")]
sys.path.insert(0, folder)
from strand_model import load
integers = len(shape) == 2
inputs = numpy.fromfile(scratch + "/input", dtype=numpy.int32 if integers else numpy.float32).reshape(shape)
with torch.no_grad():
    output = load(folder)(torch.from_numpy(inputs.astype(numpy.int64) if integers else inputs))
ours = numpy.fromfile(scratch + "/output", dtype=numpy.float32)
theirs = output.numpy().reshape(-1)
print("PyTorch %s: %d outputs, largest difference %.3g, largest output %.3g" % (torch.__version__, ours.size, abs(ours - theirs).max(), abs(theirs).max()))
sys.exit(int(abs(ours - theirs).max() > 1e-4))
`
const LIMIT_LENGTH = 256
const [BATCH, folder, python] = [2, resolve(process.argv[2]), process.argv[3] ?? 'python3']

const { run, model: config } = JSON.parse(readFileSync(join(folder, 'strand.json'), 'utf8')) as { run: RunConfig; model: ModelConfig }
const { input } = config
const model = new Model(config)
const params = arenaOf(model, parseSafetensors(readFileSync(join(folder, 'model.safetensors'))))

const seqlen = Math.min(LIMIT_LENGTH, run.data.seqlen)
const rows = BATCH * seqlen
const data =
  input.kind === 'tokens'
    ? Int32Array.from({ length: rows }, (_, i) => (i * 7919) % input.vocab)
    : Float32Array.from({ length: rows * input.width }, (_, i) => Math.sin(i))
const backend = await CpuBackend.open()
const buffers: Record<string, DeviceBuffer> = {
  input: backend.createBuffer(data.length, input.kind === 'tokens' ? 'i32' : 'f32', 'input'),
  params: backend.createBuffer(params.length, 'f32', 'params'),
  lengths: backend.createBuffer(BATCH, 'i32', 'lengths'),
  output: backend.createBuffer((config.head.at === 'every' ? rows : BATCH) * config.head.width, 'f32', 'output'),
}
for (const [name, values] of Object.entries(model.constants)) {
  buffers[name] = backend.createBuffer(values.length, 'i32', name)
  buffers[name].write(values)
}
buffers.lengths.write(new Int32Array(BATCH).fill(seqlen))
buffers.input.write(data)
buffers.params.write(params)
;(await backend.compile(forwardPlan(model, { batch: BATCH, seqlen }, backend.sizes), buffers)).run()
const output = await buffers.output.read()
backend.destroy()

const scratch = mkdtempSync(join(tmpdir(), 'strand-export-'))
try {
  writeFileSync(join(scratch, 'input'), new Uint8Array(data.buffer))
  writeFileSync(join(scratch, 'output'), new Uint8Array(output.buffer as ArrayBuffer, output.byteOffset, output.byteLength))
  const shape = input.kind === 'tokens' ? [BATCH, seqlen] : [BATCH, seqlen, input.width]
  execFileSync(python, ['-c', PYTHON, folder, scratch, shape.join()], { stdio: 'inherit' })
} finally {
  rmSync(scratch, { recursive: true })
}
