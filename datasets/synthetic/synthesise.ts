import { setImmediate as turn } from 'node:timers/promises'
import { z } from 'zod'
import type { Split } from '../../main/contract/dataset.ts'
import { RandomStream } from '../../kernels/random/philox.ts'
import type { CodecJson, Layout } from '../codec.ts'
import { StrandError, throwIfCancelled } from '../errors.ts'
import { nucleotideCodec } from '../genomics/nucleotideCodec.ts'
import type { ImportHooks } from '../importing/importFiles.ts'
import { ReportBuilder } from '../importing/report.ts'
import { assertSpace, count } from '../importing/source.ts'
import { CELLS, DatasetWriter, type NewDataset, type SplitPlan, type WritableStore } from '../store/store.ts'
import { translate } from '../store/connection.ts'
import { ScalerFit, scalerToJSON } from '../timeseries/seriesScaling.ts'
import { findTask } from './registry.ts'
import {
  NOT_SCORED,
  type Counts,
  type SequenceTask,
  type SeriesTask,
  type SyntheticTask,
  type TaskOptions,
  type TokenTask,
} from './task.ts'

const SPLITS = ['train', 'validation', 'test'] as const
/** Other messages (cancel, queries) are heard between so many milliseconds of work. */
const TURN_MS = 20

export interface SyntheticRequest {
  task: string
  options?: TaskOptions
  seed?: number
  name?: string
}

type Complete = TaskOptions & Counts

/** The options with defaults filled in, or 'bad-input' naming the option, its value and what it may be. */
export function taskOptions(task: SyntheticTask, given: TaskOptions = {}): Complete {
  const { properties } = z.toJSONSchema(task.schema, { io: 'input' }) as { properties: Record<string, { type?: string }> }
  const known = Object.keys(properties)
  const stranger = Object.keys(given).find((key) => !known.includes(key))
  if (stranger !== undefined)
    throw new StrandError('bad-input', `${task.title} has no option "${stranger}". Its options are: ${known.join(', ')}.`, {
      option: stranger,
    })
  // a list of one number reads as a number
  const said = Object.entries(given).map(([key, value]) => [key, properties[key].type === 'string' ? String(value) : value])
  const result = task.schema.safeParse(Object.fromEntries(said))
  if (result.success) return result.data
  const [{ path, message }] = result.error.issues
  const option = path.join('.')
  throw new StrandError('bad-input', `${task.title}: "${option}" is ${JSON.stringify(given[option])}; ${message}.`, { option })
}

/** What one task wrote, ready to be sealed. */
interface Written {
  codec: CodecJson
  layout: Layout
  plan: SplitPlan
  facts: Record<string, number>
}

/**
 * Generates a task as a dataset like any other, written by the same writer as an import: whole or not at all, with splits, a version and a hash.
 * The same task, options and seed give the same dataset to the byte.
 */
export async function synthesise(store: WritableStore, request: SyntheticRequest, hooks: ImportHooks = {}): Promise<{ datasetId: number }> {
  const task = findTask(request.task)
  const options = taskOptions(task, request.options)
  const seed = request.seed ?? 1
  const name = request.name?.trim() || task.title
  assertSpace(store.folder, 0, name)
  const report = new ReportBuilder('stop')
  const pace = new Pace(hooks, name, options)
  let writer: DatasetWriter | null = null
  const open = (spec: Omit<NewDataset, 'name' | 'format' | 'domain'>): DatasetWriter =>
    (writer = new DatasetWriter(store, { ...spec, name, domain: task.domain, format: 'generated' }))
  try {
    const written =
      task.kind === 'series' ? await writeSeries(task, options, seed, open, pace) : await writeRecords(task, options, seed, open, pace)
    const sealed = writer as unknown as DatasetWriter
    report.accept(sealed.records.length)
    return {
      datasetId: sealed.seal({
        sources: [],
        options: { name, synthetic: { task: task.id, seed, options } },
        report: report.build(),
        ...written,
        facts: { task: task.title, seed, ...written.facts },
      }),
    }
  } catch (error) {
    throw translate(error, store.folder)
  } finally {
    ;(writer as DatasetWriter | null)?.abort()
  }
}

type Open = (spec: Omit<NewDataset, 'name' | 'format' | 'domain'>) => DatasetWriter

async function writeRecords(
  task: TokenTask<Complete> | SequenceTask<Complete>,
  options: Complete,
  seed: number,
  open: Open,
  pace: Pace,
): Promise<Written> {
  const tokens = task.kind === 'tokens'
  const writer = open(tokens ? { unit: 'tokens', cell: 'i16', channels: 1 } : { unit: 'bases', cell: 'u8', channels: 1 })
  if (!tokens) writer.declareClasses(task.classes)
  const parts: Split[] = []
  let scored = 0
  let longest = 0
  for (const [s, split] of SPLITS.entries())
    for (let index = 0; index < options[split]; index++) {
      const random = new RandomStream(seed, s * 0x1000_0000 + index)
      const name = `${split} ${index + 1}`
      if (tokens) {
        const { tokens: ids, targets } = task.record(options, split, index, random)
        writer.beginRecord({ name, split })
        writer.append(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength))
        writer.appendTargets(targets)
        for (const target of targets) if (target !== NOT_SCORED) scored++
        longest = Math.max(longest, ids.length)
      } else {
        const { letters, label } = task.record(options, split, index, random)
        writer.beginRecord({ name, split, label })
        writer.append(letters)
        longest = Math.max(longest, letters.length)
      }
      writer.endRecord()
      parts.push(split)
      await pace.record()
    }
  const rule = `Generated as ${SPLITS.map((split) => `${count(options[split])} ${split}`).join(', ')} records.`
  const plan = { rule, records: parts }
  if (!tokens) return { codec: nucleotideCodec.toJSON(), layout: {}, plan, facts: { longest } }
  const symbols = task.symbols(options)
  return {
    codec: { kind: 'symbols', symbols },
    layout: { targets: true },
    plan,
    facts: { symbols: symbols.length, longest, answers: scored },
  }
}

async function writeSeries(task: SeriesTask<Complete>, options: Complete, seed: number, open: Open, pace: Pace): Promise<Written> {
  const channels = task.channels(options)
  const writer = open({ unit: 'rows', cell: 'f32', channels: channels.length })
  const total = options.train + options.validation + options.test
  writer.beginRecord({ name: task.title })
  for (const rows of task.rows(options, total, new RandomStream(seed, 0))) {
    writer.append(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength))
    for (let i = 0; i < rows.length; i += channels.length) await pace.record()
  }
  writer.endRecord()
  const ends = [options.train, options.train + options.validation, total]
  const cuts = SPLITS.map((split, i) => ({ split, start: i === 0 ? 0 : ends[i - 1], stop: ends[i] }))
  const fit = new ScalerFit(channels.length)
  const training = new Float32Array(writer.readBack(0, options.train, CELLS).buffer)
  fit.addToMean(training)
  fit.endMean()
  fit.addToDeviation(training)
  return {
    codec: scalerToJSON({ channels, mean: fit.mean!, std: fit.deviation() }),
    layout: {},
    plan: { rule: `Cut at rows ${ends.map(count).join(', ')}: train, validation, test, in this order.`, records: [cuts] },
    facts: { channels: channels.length },
  }
}

/** Lets other messages in, tells progress, and ends the work when it was cancelled. */
class Pace {
  private readonly hooks: ImportHooks
  private readonly name: string
  private readonly total: number
  private readonly started = performance.now()
  private turned = performance.now()
  private done = 0

  constructor(hooks: ImportHooks, name: string, { train, validation, test }: Counts) {
    this.hooks = hooks
    this.name = name
    this.total = train + validation + test
  }

  record(): Promise<void> | undefined {
    this.done++
    if (performance.now() - this.turned < TURN_MS && this.done < this.total) return undefined
    return this.tell()
  }

  private async tell(): Promise<void> {
    const fraction = this.done / this.total
    const seconds = (performance.now() - this.started) / 1000
    this.hooks.onProgress?.({ fraction, phase: `generating ${this.name}`, secondsLeft: (seconds / fraction) * (1 - fraction) })
    await turn()
    throwIfCancelled(this.hooks.signal, `Generating ${this.name}`)
    this.turned = performance.now()
  }
}
