import type { ImportOptions, ImportPreview, Problem } from '../../main/contract/importing.ts'
import { count, type Source } from '../importing/source.ts'
import type { PcmHeader } from './pcmSamples.ts'
import { describeSound, seconds, type SoundFormat } from './sound.ts'
import { openSound } from './soundFormats.ts'

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
