import type { StoredDataset } from '../store/store.ts'

/** Values this close are taken for the same: a 64th of a sound's full scale (of 16-bit samples, all but the first 7 bits), a 50th of a channel's deviation. */
const SOUND_BITS = 9
const SERIES_STEPS = 50

/** Stored cells as whole numbers that can be compared: letters and symbols as stored, values rounded. One for each cell. */
export function symbolReader(dataset: StoredDataset): (bytes: Uint8Array) => ArrayLike<number> {
  const { domain, codec, channels, cell } = dataset
  if (cell === 'u8') return (bytes) => bytes
  if (domain === 'audio' && cell === 'i16')
    return (bytes) => {
      const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2)
      const steps = new Uint8Array(samples.length)
      for (let i = 0; i < samples.length; i++) steps[i] = (samples[i] + (1 << (SOUND_BITS - 1)) + 32_768) >> SOUND_BITS
      return steps
    }
  // the symbols of a generated task, as their bits: what is compared is whether they are the same
  if (cell === 'i16') return (bytes) => new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2)
  const std = codec.kind === 'series' ? codec.std : new Array<number>(channels).fill(1)
  const steps = domain === 'audio' ? [32_768 >> SOUND_BITS] : std.map((deviation) => SERIES_STEPS / deviation)
  return (bytes) => {
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
    const rows = new Int32Array(values.length / channels)
    for (let r = 0, i = 0; r < rows.length; r++) {
      let hash = 7
      for (let c = 0; c < channels; c++, i++) {
        const value = values[i]
        hash = (Math.imul(hash, 0x01000193) ^ (value === value ? Math.floor(value * steps[c] + 0.5) : 0x7fff)) | 0
      }
      rows[r] = hash & 0x7fffffff
    }
    return rows
  }
}

export const isDna = ({ domain, codec }: StoredDataset): boolean => domain === 'genomics' && codec.kind !== 'protein'

/** Symbols of a shingle: long enough that chance gives next to none in a dataset of so many cells, short enough to bear a few changes. */
export function shingleLength(dataset: StoredDataset): number {
  if (isDna(dataset)) {
    const bases = Math.max(11, Math.ceil(Math.log(40 * dataset.length) / Math.log(4)))
    // from 17 on an even number, so that 16 of them have as many on either side
    return bases <= 16 ? bases : bases + (bases % 2)
  }
  if (dataset.domain === 'timeseries') return 8
  return dataset.domain === 'genomics' ? 8 : dataset.domain === 'audio' ? 32 : 24
}

/** Share of a record's shingles in training from which it overlaps: sentences begin alike by nature, sequences do not. */
export const overlapFrom = ({ domain }: StoredDataset): number => (domain === 'text' ? 0.3 : 0.15)
