// node kernels/bench/generate.ts [--backend cpu|webgpu] [--out FILE] [--seconds N]: tokens per second of generation, drawn on the device, by how many
// tokens go to it at once. Writes kernels/bench/results/generate-<machine>.json and prints the same.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Decoder } from '../decode/decoder.ts'
import { Model } from '../models/model.ts'
import { WebGpuBackend } from '../backends/webgpu/webgpu.ts'
import { oneWorkgroupRate } from './oneWorkgroup.ts'
import { openBackend } from './openBackend.ts'

const { values } = parseArgs({
  options: { backend: { type: 'string', default: 'cpu' }, out: { type: 'string' }, seconds: { type: 'string', default: '1' } },
})
const SHAPES = [
  { name: 'tiny', mixer: 'mamba', layers: 2, d_model: 64, vocab: 65 },
  { name: 'mid', mixer: 'mamba', layers: 6, d_model: 256, vocab: 256 },
  { name: 'large', mixer: 'mamba', layers: 12, d_model: 512, vocab: 4096 },
  { name: 'tiny', mixer: 'mlstm', layers: 2, d_model: 64, vocab: 65 },
  { name: 'mid', mixer: 'mlstm', layers: 6, d_model: 256, vocab: 256 },
  { name: 'mid', mixer: 'attention', layers: 6, d_model: 256, vocab: 256 },
] as const
const AT_ONCE = [1, 8, 64, 256]
const CAPACITY = 4096

/** Tokens per second with `atOnce` tokens in a submission, read as they come with one submission ahead; best of the passes that fit. */
async function rate(decoder: Decoder, atOnce: number, choosing: { topK?: number; topP?: number }): Promise<number> {
  let best = 0
  const until = performance.now() + 1000 * Number(values.seconds)
  do {
    decoder.start(Int32Array.of(1), { temperature: 1, seed: 1, ...choosing })
    const count = Math.min(CAPACITY - 1, Math.max(64, 8 * atOnce))
    const began = performance.now()
    let before: Promise<unknown> = Promise.resolve()
    for (let done = 0; done < count; done += atOnce) {
      const from = decoder.known
      decoder.advance(Math.min(atOnce, count - done))
      const now = decoder.read(from, decoder.known - from)
      // one token at a time, the host would choose before it goes on: nothing is ahead
      await (atOnce === 1 ? now : before)
      before = now
    }
    await before
    best = Math.max(best, count / ((performance.now() - began) / 1000))
  } while (performance.now() < until)
  return best
}

const backend = await openBackend(values.backend)
const results: object[] = []
for (const { name, mixer, layers, d_model, vocab } of SHAPES) {
  const model = new Model({
    d_model,
    seqlen: 1024,
    norm: 'rms',
    layers: Array.from({ length: layers }, () => ({ mixer, options: {} })),
    input: { kind: 'tokens', vocab },
    head: { at: 'every', width: vocab, tied: false },
  })
  const params = backend.createBuffer(model.arenaElements, 'f32', 'params')
  params.write(model.initialise(1))
  const decoder = await Decoder.create(backend, model, params, { vocab, capacity: CAPACITY })
  await rate(decoder, 8, {})
  const tokensPerSecond: Record<string, number> = {}
  for (const atOnce of AT_ONCE) tokensPerSecond[String(atOnce)] = Math.round(await rate(decoder, atOnce, {}))
  const chosen = Math.round(await rate(decoder, 64, { topK: 40, topP: 0.95 }))
  results.push({ name, mixer, layers, d_model, vocab, parameters: model.parameterCount, tokensPerSecond, topKAndTopP: chosen })
  console.log(
    `${name} ${mixer}, ${layers} layers of ${d_model}, vocabulary ${vocab}: tokens/s by tokens at once ${JSON.stringify(tokensPerSecond)}, 64 at once with top k and top p ${chosen}`,
  )
  decoder.destroy()
  params.destroy()
}
/** 8 MB: more than a core's own cache, less than the card's. */
const oneWorkgroup = backend instanceof WebGpuBackend ? Math.round(await oneWorkgroupRate(backend, 1 << 21)) : undefined
const machine = { cpu: cpus()[0].model, cores: cpus().length, loadAverage: loadavg().map((x) => Number(x.toFixed(1))) }
const device = backend.description.replaceAll(/[^a-zA-Z0-9]+/g, '-').toLowerCase()
const out = values.out ?? fileURLToPath(new URL(`results/generate-${device}.json`, import.meta.url))
mkdirSync(dirname(out), { recursive: true })
writeFileSync(
  out,
  `${JSON.stringify({ date: new Date().toISOString(), backend: backend.description, machine, node: process.versions.node, oneWorkgroup, results }, null, 1)}\n`,
)
backend.destroy()
process.exit(0)
