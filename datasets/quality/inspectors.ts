import type { DatasetSignal, Domain } from '../../main/contract/dataset.ts'
import { samplesOf } from '../audio/pcmSamples.ts'
import { BASE_ID } from '../genomics/nucleotideCodec.ts'
import { describeUneven, StepCounts } from '../timeseries/stepCounts.ts'
import { readCells, TIMES, type ReadableStore, type StoredDataset } from '../store/store.ts'

/** Full scale reached so often in a row is clipping: a single peak may touch it. */
const CLIPPED_RUN = 3
const SILENT_DB = -60
const OFFSET = 0.01
/** Of the letters of a record. */
const MANY_UNKNOWN = 0.1
const ONE_LETTER = 0.8
/** A step in time beyond so many usual ones is a gap. */
const GAP = 1.5
/** So many rows without any value are one, too. */
const EMPTY_ROWS = 2
const MOST_CHANNELS = 500

/** What was found in one record. */
export interface Looked {
  id: number
  flags: string[]
  /** For the distribution; null where there is nothing to measure. */
  value: number | null
}

export interface Inspector {
  /** Of the distribution. */
  title: string
  unit: string
  /** `sentence` is given "3 records". */
  flags: { id: string; title: string; sentence: (records: string) => string }[]
  /** The first `cells` cells of a record. */
  look(record: { id: number; start: number; length: number }, cells: number): Looked
  channels?(): DatasetSignal['channels']
}

type Inspect = (store: ReadableStore, dataset: StoredDataset) => Inspector

const audio: Inspect = (store, dataset) => ({
  title: 'Level',
  unit: 'dB of full scale',
  flags: [
    {
      id: 'clipped',
      title: 'Clipped',
      sentence: (n) => `In ${n} the sound stays at full scale for ${CLIPPED_RUN} samples or more: the tops of its waves are cut off.`,
    },
    { id: 'silent', title: 'Silent', sentence: (n) => `In ${n} the sound is quieter than ${SILENT_DB} dB of full scale on the whole.` },
    { id: 'offset', title: 'Off centre', sentence: (n) => `In ${n} the mean is beyond ${100 * OFFSET} % of full scale (a DC offset).` },
  ],
  look({ id, start }, cells) {
    const samples = samplesOf(dataset, readCells(store, dataset, start, cells))
    let [sum, squares, run, clipped] = [0, 0, 0, false]
    for (const sample of samples) {
      sum += sample
      squares += sample * sample
      run = sample >= 0.9999 || sample <= -0.9999 ? run + 1 : 0
      if (run >= CLIPPED_RUN) clipped = true
    }
    const level = Math.max(-100, 10 * Math.log10(squares / Math.max(1, samples.length)))
    const flags = [
      ...(clipped ? ['clipped'] : []),
      ...(level < SILENT_DB ? ['silent'] : []),
      ...(Math.abs(sum / Math.max(1, samples.length)) > OFFSET ? ['offset'] : []),
    ]
    return { id, flags, value: level }
  },
})

const genomics: Inspect = (store, dataset) => {
  const protein = dataset.codec.kind === 'protein'
  const letters = protein ? 'residues' : 'bases'
  return {
    title: protein ? 'Unknown residues' : 'GC',
    unit: protein ? 'share of residues' : 'share of known bases',
    flags: [
      {
        id: 'unknown',
        title: `Unknown ${letters}`,
        sentence: (n) => `In ${n} more than ${100 * MANY_UNKNOWN} % of the ${letters} are not known.`,
      },
      { id: 'one-letter', title: 'One letter', sentence: (n) => `In ${n} one letter makes up more than ${100 * ONE_LETTER} %.` },
    ],
    look({ id, start }, cells) {
      const counts = new Uint32Array(256)
      for (const byte of readCells(store, dataset, start, cells)) counts[byte]++
      const at = (which: string): number => [...which].reduce((n, letter) => n + counts[letter.charCodeAt(0)], 0)
      const unknown = protein ? at('XBZJ') : cells - at('ACGT')
      const most = counts.reduce((high, n, byte) => (protein || BASE_ID[byte] < 4 ? Math.max(high, n) : high), 0)
      const flags = [...(unknown > MANY_UNKNOWN * cells ? ['unknown'] : []), ...(most > ONE_LETTER * cells ? ['one-letter'] : [])]
      if (protein) return { id, flags, value: unknown / Math.max(1, cells) }
      return { id, flags, value: cells > unknown ? at('GC') / (cells - unknown) : null }
    },
  }
}

const timeseries: Inspect = (store, dataset) => {
  const names = dataset.codec.kind === 'series' ? dataset.codec.channels : []
  const width = dataset.channels
  const low = new Float64Array(width).fill(Infinity)
  const high = new Float64Array(width).fill(-Infinity)
  const missing = new Float64Array(width)
  const steps = new StepCounts()
  const { times } = dataset.layout
  let rows = 0
  return {
    title: 'Missing',
    unit: 'share of values',
    flags: [
      {
        id: 'gap',
        title: 'Gaps in time',
        sentence: (n) => `In ${n} a step in time is longer than ${GAP} usual ones, or ${EMPTY_ROWS} rows or more have no value.`,
      },
      { id: 'missing', title: 'Missing values', sentence: (n) => `In ${n} some values are missing.` },
      {
        id: 'uneven',
        title: 'Uneven steps in time',
        sentence: (n) => `In ${n} the steps in time are not all the same: ${describeUneven(steps.summary()!)}.`,
      },
    ],
    look({ id, start }, cells) {
      const at = times ? new Float64Array(readCells(store, dataset, start, cells, TIMES).buffer) : new Float64Array(0)
      const own = new StepCounts()
      own.push(at, NaN)
      steps.push(at, NaN)
      const values = new Float32Array(readCells(store, dataset, start, cells).buffer)
      let holes = 0
      // rows in a row without any value: a gap that the import filled
      let [empty, run, longest] = [0, 0, 0]
      for (let i = 0, c = 0; i < values.length; i++) {
        const value = values[i]
        if (value !== value) {
          missing[c]++
          holes++
          empty++
        } else {
          if (value < low[c]) low[c] = value
          if (value > high[c]) high[c] = value
        }
        if (++c < width) continue
        run = empty === width ? run + 1 : 0
        longest = Math.max(longest, run)
        empty = c = 0
      }
      rows += cells
      const flags = [
        ...(longest >= EMPTY_ROWS || hasGap(at, times?.stepMs ?? null) ? ['gap'] : []),
        ...(holes > 0 ? ['missing'] : []),
        ...((own.summary()?.differ ?? 0) > 0 ? ['uneven'] : []),
      ]
      return { id, flags, value: holes / Math.max(1, values.length) }
    },
    channels: () =>
      names.slice(0, MOST_CHANNELS).map((name, c) => {
        const known = low[c] <= high[c]
        return {
          name,
          missing: missing[c] / Math.max(1, rows),
          constant: known && low[c] === high[c],
          low: known ? low[c] : null,
          high: known ? high[c] : null,
        }
      }),
  }
}

function hasGap(at: Float64Array, stepMs: number | null): boolean {
  if (at.length < 3) return false
  const steps = at.subarray(1).map((time, i) => time - at[i])
  // the file's own step, or where it has none (times may be uneven) the usual one
  const usual = stepMs ?? Float64Array.from(steps).sort()[steps.length >> 1]
  return steps.some((step) => step > GAP * usual)
}

const text: Inspect = (store, dataset) => {
  const { codec } = dataset
  const symbols = codec.kind === 'char' ? codec.symbols : null
  const nameOf = (cell: number): string => (symbols ? (symbols[cell] ?? '') : cell < 128 ? String.fromCharCode(cell) : 'x')
  const blank = Uint8Array.from({ length: 256 }, (_, cell) => (nameOf(cell).trim() === '' ? 1 : 0))
  const broken = symbols ? symbols.indexOf('\ufffd') : -1
  return {
    title: 'Different symbols',
    unit: symbols ? 'characters' : 'bytes',
    flags: [
      { id: 'blank', title: 'Blank', sentence: (n) => `In ${n} there is nothing but blank space.` },
      { id: 'broken', title: 'Broken characters', sentence: (n) => `In ${n} there is U+FFFD, left where bytes were no text.` },
    ],
    look({ id, start }, cells) {
      if (dataset.cell !== 'u8') return { id, flags: [], value: null }
      const bytes = readCells(store, dataset, start, cells)
      const seen = new Uint32Array(256)
      for (const byte of bytes) seen[byte]++
      const isBlank = seen.every((n, cell) => n === 0 || blank[cell] === 1)
      const isBroken = symbols ? broken >= 0 && seen[broken] > 0 : Buffer.from(bytes).includes('\ufffd')
      const flags = [...(isBlank ? ['blank'] : []), ...(isBroken ? ['broken'] : [])]
      return { id, flags, value: seen.reduce((n, times) => n + (times > 0 ? 1 : 0), 0) }
    },
  }
}

/** What is worth knowing of the records of each domain. */
export const inspectors: { readonly [K in Domain]: Inspect } = { audio, genomics, timeseries, text }
