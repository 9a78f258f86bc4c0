import { openTokenWindows } from '../../datasets/batching/tokenWindows.ts'
import type { TokenCodec } from '../../datasets/codec.ts'
import { tokenCodecFromJSON } from '../../datasets/codecs.ts'
import { StrandError, throwIfCancelled } from '../../datasets/errors.ts'
import { getStoredDataset, type ReadableStore } from '../../datasets/store/store.ts'
import type { Backend } from '../../kernels/backends/backend.ts'
import { CpuBackend } from '../../kernels/backends/cpu/cpu.ts'
import { Decoder, type Written } from '../../kernels/decode/decoder.ts'
import type { GeneratedChunk, GenerateRequest } from '../../main/contract/generation.ts'
import type { GenerateRun } from '../api.ts'
import { ofRecords } from '../config/ofRecords.ts'
import { chooseBackend } from '../devices/chooseBackend.ts'
import { writingSpeed } from '../devices/measure.ts'
import { loadRun, type TrainedRun } from '../runs/loadRun.ts'
import { forecast } from './forecast.ts'

type Watching = Parameters<GenerateRun>[2]

/** Milliseconds between two chunks: often enough to read along, seldom enough for a process border. */
const CHUNK_MS = 50
/** Tokens go to the device so many at a time that a submission takes about this long: then a wish to cancel is heard. */
const SUBMIT_MS = 25
const FIRST_STEPS = 4
const MOST_STEPS = 256

export const generateRun: GenerateRun = async (store, { request, device }, watch) => {
  const trained = loadRun(store, request.runId)
  if (trained.experiment.config.objective.kind === 'label-each')
    throw new StrandError(
      'bad-input',
      `"${trained.run.name}" answers a task and writes nothing of its own. Evaluate it to see its answers.`,
      {
        run: request.runId,
      },
    )
  if (!trained.experiment.model.causal)
    throw new StrandError(
      'bad-input',
      `"${trained.run.name}" reads from both sides, so it cannot write from left to right. Evaluate or export it.`,
      {
        run: request.runId,
      },
    )
  if (ofRecords(trained.experiment.config.objective))
    throw new StrandError('bad-input', `"${trained.run.name}" answers once for a record and writes nothing. Evaluate it, or export it.`, {
      run: request.runId,
    })
  const backend = await backendFor(device, trained)
  try {
    return trained.experiment.config.objective.kind === 'forecast'
      ? await forecast(store, backend, trained, request, watch)
      : await continueTokens(store, backend, trained, request, watch)
  } finally {
    backend.destroy()
  }
}

/**
 * As chosen; where the choice is left open, whichever writes faster: a graphics card that trains a small model many times as fast as the CPU
 * still takes longer from one token to the next.
 */
async function backendFor(device: Parameters<GenerateRun>[1]['device'], { experiment, params }: TrainedRun): Promise<Backend> {
  const { backend } = await chooseBackend(device)
  if (device !== 'auto' || backend.name !== 'webgpu' || experiment.config.objective.kind === 'forecast') return backend
  const cpu = await CpuBackend.open()
  const slower =
    (await writingSpeed(cpu, experiment.model, params)) < (await writingSpeed(backend, experiment.model, params)) ? cpu : backend
  slower.destroy()
  return slower === cpu ? backend : cpu
}

async function continueTokens(
  store: ReadableStore,
  backend: Backend,
  { experiment, params, facts }: TrainedRun,
  request: GenerateRequest,
  watch: Watching,
): Promise<{ tokens: number }> {
  const { model } = experiment
  const codec = tokenCodecFromJSON(facts.codec)
  const prompt = promptOf(request, codec, experiment.config.objective.kind === 'infill') ?? firstToken(store, facts.id)
  const given = Boolean(request.prompt) || request.suffix !== undefined
  const arena = backend.createBuffer(model.arenaElements, 'f32', 'params')
  arena.write(params)
  const length = prompt.length + request.length
  const decoder = await Decoder.create(backend, model, arena, { vocab: codec.vocab, capacity: length })
  try {
    decoder.start(prompt, request)
    const chunks = new Chunks(codec, audioRate(store, facts), given, watch)
    let [steps, read] = [FIRST_STEPS, prompt.length]
    let before: Promise<Written> = Promise.resolve({ ids: new Int32Array(), bits: new Float32Array() })
    while (read < length) {
      const began = performance.now()
      decoder.advance(Math.min(steps, length - decoder.known))
      // this submission is under way while the one before it is read
      const now = decoder.read(read, Math.max(0, decoder.known - read))
      read = Math.max(read, decoder.known)
      chunks.add(await before)
      before = now
      await breathe(watch)
      const ms = performance.now() - began
      if (ms < SUBMIT_MS / 2) steps = Math.min(2 * steps, MOST_STEPS)
      else if (ms > 2 * SUBMIT_MS) steps = Math.max(1, steps >> 1)
    }
    chunks.add(await before)
    chunks.end()
    return { tokens: request.length }
  } finally {
    decoder.destroy()
    arena.destroy()
  }
}

/** What is read before writing; null for nothing. With a suffix: prefix, suffix and the mark of the middle, as infilling is trained. */
function promptOf({ prompt, suffix, runId }: GenerateRequest, codec: TokenCodec, infills: boolean): Int32Array | null {
  if (suffix === undefined) return prompt ? codec.encode(prompt) : null
  if (!infills)
    throw new StrandError('bad-input', 'Only a model trained with the infill objective can write before a suffix; leave the suffix out.', {
      run: runId,
    })
  const marks = codec.vocab
  return Int32Array.from([marks, ...codec.encode(prompt ?? ''), marks + 1, ...codec.encode(suffix), marks + 2])
}

/** Without a prompt, the model is told how the training data begins. */
function firstToken(store: ReadableStore, datasetId: number): Int32Array {
  const windows = openTokenWindows(store, datasetId, 'train')
  return Int32Array.from(windows.read(windows.segments[0], 0, 1))
}

/** Hz, or null for what is not sound. */
function audioRate(store: ReadableStore, { id, domain }: TrainedRun['facts']): number | null {
  return domain === 'audio' ? (getStoredDataset(store, id).layout.sampleRate ?? null) : null
}

async function breathe({ signal }: Watching): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  throwIfCancelled(signal, 'The generation')
}

/** Gathers tokens and tells them in small groups. */
class Chunks {
  readonly #codec: TokenCodec
  readonly #rate: number | null
  readonly #continues: boolean
  readonly #watch: Watching
  readonly #began = performance.now()
  #told = performance.now()
  #ids: number[] = []
  #bits: number[] = []
  #start = 0

  /** `continues`: what comes goes on from a prompt that is shown before it. */
  constructor(codec: TokenCodec, rate: number | null, continues: boolean, watch: Watching) {
    this.#codec = codec
    this.#continues = continues
    this.#rate = rate
    this.#watch = watch
  }

  add({ ids, bits }: Written): void {
    for (let i = 0; i < ids.length; i++) {
      this.#ids.push(ids[i])
      this.#bits.push(bits[i])
    }
    if (performance.now() - this.#told >= CHUNK_MS && this.#ids.length > 0) this.#tell(false)
  }

  end(): void {
    this.#tell(true)
  }

  #tell(done: boolean): void {
    const ids = this.#ids
    const tokens = this.#start + ids.length
    const seconds = (performance.now() - this.#began) / 1000
    const content: Partial<GeneratedChunk> =
      this.#rate === null
        ? { text: this.#codec.decode(ids, this.#continues || this.#start > 0) }
        : { pcm16: base64(this.#codec.toInt16!(ids)), sampleRate: this.#rate }
    this.#watch.chunk({ start: this.#start, ...content, bits: this.#bits, done, tokensPerSecond: tokens / Math.max(seconds, 1e-6) })
    this.#start = tokens
    this.#ids = []
    this.#bits = []
    this.#told = performance.now()
  }
}

const base64 = (samples: Int16Array): string => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64')
