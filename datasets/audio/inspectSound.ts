import type { ImportOptions, ImportPreview, Problem } from '../../main/contract/importing.ts'
import { ReportBuilder } from '../importing/report.ts'
import { count, type Source } from '../importing/source.ts'
import type { PcmHeader } from './pcmSamples.ts'
import { StrandError } from '../errors.ts'
import { describeSound, seconds, type SoundFormat } from './sound.ts'
import { openSound } from './soundFormats.ts'

/** Bytes decoded for a look at the waveform: seconds of any format, in some tens of milliseconds. */
const PEEK_BYTES = 65_536
const PEEK_STEPS = 400

/** What a sound is and how long, from the start of its file. */
export function inspectSound(
  source: Source,
  bytes: Buffer,
  whole: boolean,
  format: SoundFormat,
  options: ImportOptions,
): Pick<ImportPreview, 'format' | 'records' | 'firstRecords'> & { problems?: Problem[] } {
  const header = openSound(format, source.name, bytes, whole || bytes.length === source.bytes, options)?.header
  if (!header)
    return {
      format,
      records: 1,
      firstRecords: [{ name: source.stem, length: null, excerpt: 'the sound starts late in the file' }],
    }
  let length = header.frames
  const problems: Problem[] = []
  if ('dataStart' in header && !source.compressed) {
    const { dataStart, dataBytes, frameBytes } = header as PcmHeader
    const there = source.bytes - dataStart
    if (dataBytes !== null && there < dataBytes)
      problems.push({
        severity: 'repaired',
        file: source.name,
        byte: dataStart - 3,
        message: `The header of ${source.name} promises ${count(dataBytes)} bytes of sound, but the file holds ${count(there)}; what is there will be read.`,
      })
    length = Math.floor(Math.min(there, dataBytes ?? there) / frameBytes)
  }
  const excerpt = length === null ? describeSound(header) : seconds(length, header)
  return { format: describeSound(header), records: 1, firstRecords: [{ name: source.stem, length, excerpt }], problems }
}

/** How a sound begins. Undefined where the bytes at hand hold no sound that can be decoded: the import then says why. */
export async function soundBeginning(
  file: string,
  bytes: Buffer,
  whole: boolean,
  format: SoundFormat,
  options: ImportOptions,
): Promise<ImportPreview['sound']> {
  const opened = openSound(format, file, bytes, whole, options)
  if (!opened) return undefined
  const { header, begin } = opened
  const dataStart = 'dataStart' in header ? (header as PcmHeader).dataStart : 0
  try {
    const reader = await begin(new ReportBuilder('skip'))
    const samples = reader.push(Buffer.from(bytes.subarray(0, dataStart + PEEK_BYTES)))
    if (samples.length === 0) return undefined
    const steps = Math.min(PEEK_STEPS, samples.length)
    const [min, max] = [new Array<number>(steps).fill(0), new Array<number>(steps).fill(0)]
    for (let i = 0; i < samples.length; i++) {
      const step = Math.floor((i * steps) / samples.length)
      min[step] = Math.min(min[step], samples[i])
      max[step] = Math.max(max[step], samples[i])
    }
    return { seconds: samples.length / header.sampleRate, min, max }
  } catch (error) {
    if (!(error instanceof StrandError)) throw error
    return undefined
  }
}
