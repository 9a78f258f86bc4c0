import type { ArrayAxes } from '../../main/contract/importing.ts'
import { StrandError } from '../errors.ts'
import { listZip } from '../importing/zipArchive.ts'
import { count, plural, Source } from '../importing/source.ts'
import { readNpyHeader, readTexts, type NpyHeader } from './npyHeader.ts'
import type { OpenedSeries, SeriesFile, SeriesSink } from './series.ts'
import { publishedSplit } from '../labels/labelSource.ts'

/** Numbers of one record, or of an array that must be turned round, held at once. */
const HELD_NUMBERS = 48_000_000
const BATCH_NUMBERS = 65_536

/** A NumPy array (.npy). Which axis is what cannot be told from the file: by default the longer of the last two is time. */
export async function openNpy({ source, job }: SeriesFile): Promise<OpenedSeries> {
  const header = await headerOf(source)
  const layout = layOut(source.name, header, job.options.axes)
  return {
    format: `NumPy array, ${describeShape(header)}`,
    channels: channelNames(layout.channels),
    times: null,
    read: (writer) => readArray({ source, pieces: () => job.read(source), header, layout, stem: source.stem, labels: null, writer }),
  }
}

/** An .npz: its largest array, and others of the same kind beside it; a list as long as their first axis gives the labels. */
export async function openNpz({ source, job }: SeriesFile): Promise<OpenedSeries> {
  const arrays: { name: string; source: Source; header: NpyHeader }[] = []
  for (const member of await listZip(source)) {
    if ('fault' in member) throw new StrandError('import/unknown-format', `${member.fault}. Nothing was imported.`, { file: source.name })
    const own = await Source.from(member)
    arrays.push({ name: own.stem, source: own, header: await headerOf(own) })
  }
  const numbers = (header: NpyHeader): number => header.shape.reduce((product, dim) => product * dim, 1)
  const usable = arrays
    .filter(({ header }) => !header.text && header.shape.length > 0)
    .sort((a, b) => numbers(b.header) - numbers(a.header))
  if (usable.length === 0)
    throw new StrandError('import/empty', `${source.name} holds no array of numbers. Choose another file.`, { file: source.name })
  const [main] = usable
  const tags = arrays.filter((one) => one !== main && one.header.shape.length === 1)
  const labelled = tags.some(({ header }) => header.shape[0] === main.header.shape[0])
  const axes = job.options.axes ?? (main.header.shape.length === 2 && labelled ? 'record-time' : undefined)
  const layout = layOut(main.source.name, main.header, axes)
  const sets = usable.filter((one) => one === main || (!tags.includes(one) && fits(one.header, main.header, layout)))
  return {
    format: `NumPy arrays, ${describeShape(main.header)}`,
    channels: channelNames(layout.channels),
    times: null,
    async read(writer) {
      for (const set of sets) {
        const part = splitOf(set.name)
        const own = tags.filter(({ header }) => header.shape[0] === set.header.shape[0])
        const tag = own.find(({ name }) => splitOf(name) === part) ?? own[0]
        const labels = layout.records && tag ? await labelsOf(tag.source, tag.header) : null
        await readArray({
          source: set.source,
          pieces: () => set.source.content({ signal: job.signal }),
          header: set.header,
          layout: layOut(set.source.name, set.header, layout.axes),
          stem: set.name,
          labels,
          writer,
        })
        if (tag) tags.splice(tags.indexOf(tag), 1)
      }
      for (const { name, header } of arrays)
        if (!sets.some((set) => set.name === name) && (tags.some((tag) => tag.name === name) || header.shape.length !== 1))
          job.report.add(
            'note',
            'npz/left-out',
            { file: source.name },
            `The array "${name}" of ${source.name} (${describeShape(header)}) was left out: it has another shape than "${main.name}".`,
          )
    },
  }
}

/** "X_train" → train. */
const splitOf = (name: string): ReturnType<typeof publishedSplit> => publishedSplit({ name, path: name })

interface Layout {
  axes: ArrayAxes
  records: boolean
  channels: number
  /** Rows of a record. */
  rows: number
  count: number
  turned: boolean
}

function layOut(file: string, { shape, text }: NpyHeader, chosen?: ArrayAxes): Layout {
  if (text || shape.length === 0 || shape.length > 3)
    throw new StrandError(
      'import/unknown-format',
      `${file} is an array of ${text ? 'texts' : plural(shape.length, 'axis').replace('axiss', 'axes')}; a series has one to three axes of numbers. Choose another array.`,
      { file },
    )
  const axes =
    chosen ??
    (shape.length === 1
      ? 'time'
      : shape.length === 2
        ? 'time-channel'
        : shape[1] >= shape[2]
          ? 'record-time-channel'
          : 'record-channel-time')
  const wanted = axes.split('-').length
  if (wanted !== shape.length)
    throw new StrandError(
      'bad-input',
      `${file} has ${plural(shape.length, 'axis').replace('axiss', 'axes')} (${shape.join(' × ')}), and you chose ${axes.replaceAll('-', ', ')}. Choose as many axes as the array has.`,
      { file },
    )
  const of = (name: string): number => {
    const at = axes.split('-').indexOf(name)
    return at < 0 ? 1 : shape[at]
  }
  return {
    axes,
    records: axes.startsWith('record'),
    channels: of('channel'),
    rows: of('time'),
    count: of('record'),
    turned: axes === 'record-channel-time',
  }
}

const fits = ({ shape }: NpyHeader, main: NpyHeader, layout: Layout): boolean =>
  shape.length === main.shape.length && (layout.channels === 1 || shape[layout.axes.split('-').indexOf('channel')] === layout.channels)

const channelNames = (channels: number): string[] =>
  channels === 1 ? ['value'] : Array.from({ length: channels }, (_, c) => `channel ${c + 1}`)

const describeShape = ({ shape, dtype }: NpyHeader): string => `${shape.join(' × ') || 'one value'}, ${dtype.replace(/^[<>|=]/, '')}`

async function headerOf(source: Source): Promise<NpyHeader> {
  for (let wanted = 4096; ; wanted *= 16) {
    const { bytes, whole } = await source.head(wanted)
    if (bytes.toString('latin1', 0, 6) !== '\x93NUMPY')
      throw new StrandError('import/unknown-format', `${source.name} is no NumPy array: it does not start as one.`, {
        file: source.name,
        byte: 1,
      })
    const header = readNpyHeader(source.name, bytes, whole)
    if (header) return header
  }
}

interface ArrayReading {
  source: Source
  pieces: () => AsyncIterable<Buffer>
  header: NpyHeader
  layout: Layout
  stem: string
  labels: (string | number)[] | null
  writer: SeriesSink
}

async function readArray({ source, pieces, header, layout, stem, labels, writer }: ArrayReading): Promise<void> {
  const { rows, channels, count: records, turned } = layout
  const split = splitOf(stem)
  const size = rows * channels
  const file = source.name
  const each =
    header.fortran && header.shape.length > 1
      ? size * records
      : turned
        ? size
        : Math.max(channels, Math.floor(BATCH_NUMBERS / channels) * channels)
  if (each > HELD_NUMBERS)
    throw new StrandError(
      'import/too-large',
      `${file} is stored in an order that needs ${count(each)} numbers in memory at once. Save it with numpy.ascontiguousarray and the time axis before the channels.`,
      { file },
    )
  const begin = (record: number): void =>
    writer.begin(
      records === 1 && !layout.records ? stem : `${stem} ${record + 1}`,
      { file },
      {
        ...(labels ? { label: labels[record] } : {}),
        ...(split ? { split } : {}),
      },
    )
  let record = 0
  let done = 0
  for await (const values of numbersOf(file, pieces(), header, each, size * records)) {
    if (header.fortran && header.shape.length > 1) {
      for (; record < records; record++) {
        begin(record)
        writer.rows(turnedRecord(values, header.shape, layout, record), null)
        writer.end()
      }
      return
    }
    for (let at = 0; at < values.length;) {
      if (done === 0) begin(record)
      const take = Math.min(values.length - at, size - done)
      const part = values.subarray(at, at + take)
      writer.rows(turned ? transposed(part, rows, channels) : part, null)
      at += take
      done += take
      if (done < size) continue
      writer.end()
      record++
      done = 0
    }
  }
}

/** (C, T) → (T, C) */
function transposed(values: Float32Array, rows: number, channels: number): Float32Array {
  const out = new Float32Array(values.length)
  for (let c = 0; c < channels; c++) for (let t = 0; t < rows; t++) out[t * channels + c] = values[c * rows + t]
  return out
}

/** One record of an array whose first axis varies fastest. */
function turnedRecord(values: Float32Array, shape: number[], { axes, rows, channels }: Layout, record: number): Float32Array {
  const names = axes.split('-')
  const stride = names.map((_, i) => shape.slice(0, i).reduce((product, dim) => product * dim, 1))
  const of = (name: string): number => (names.includes(name) ? stride[names.indexOf(name)] : 0)
  const out = new Float32Array(rows * channels)
  for (let t = 0; t < rows; t++)
    for (let c = 0; c < channels; c++) out[t * channels + c] = values[record * of('record') + t * of('time') + c * of('channel')]
  return out
}

/** All numbers in the file's order as float32, `each` at once; infinite ones are missing. */
async function* numbersOf(
  file: string,
  pieces: AsyncIterable<Buffer>,
  { size, read, dataAt }: NpyHeader,
  each: number,
  total: number,
): AsyncGenerator<Float32Array> {
  let held = Buffer.alloc(0)
  let skip = dataAt
  let seen = 0
  let values = new Float32Array(Math.min(each, Math.max(1, total)))
  let filled = 0
  for await (const piece of pieces) {
    const rest = piece.subarray(Math.min(skip, piece.length))
    skip -= piece.length - rest.length
    const bytes = held.length > 0 ? Buffer.concat([held, rest]) : rest
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    let at = 0
    for (; at + size <= bytes.length && seen < total; at += size, seen++) {
      const value = read(view, at)
      values[filled++] = Number.isFinite(value) ? value : NaN
      if (filled < values.length) continue
      yield values
      values = new Float32Array(values.length)
      filled = 0
    }
    held = Buffer.from(bytes.subarray(at))
  }
  if (seen < total)
    throw new StrandError(
      'import/truncated',
      `${file} is cut off: its header promises ${count(total)} numbers, and ${count(seen)} are there. Nothing was imported; copy or download the file again.`,
      { file, byte: dataAt + seen * size },
    )
  if (filled > 0) yield values.subarray(0, filled)
}

async function labelsOf(source: Source, header: NpyHeader): Promise<(string | number)[]> {
  const { bytes } = await source.head(header.dataAt + header.size * header.shape[0])
  const data = bytes.subarray(header.dataAt)
  if (header.text) return readTexts(data, header)
  const view = new DataView(data.buffer, data.byteOffset, data.length)
  const values = Array.from({ length: Math.floor(data.length / header.size) }, (_, i) => header.read(view, i * header.size))
  // whole numbers name classes, others are numbers to predict
  return values.every(Number.isInteger) ? values.map(String) : values
}
