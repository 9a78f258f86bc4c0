import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'

export interface EdfSignal {
  label: string
  unit: string
  /** value = scale · stored + offset, in the unit. */
  scale: number
  offset: number
  samples: number
  /** First byte within a data record. */
  at: number
  annotations: boolean
}

export interface EdfHeader {
  format: 'EDF' | 'EDF+' | 'BDF' | 'BDF+'
  /** Bytes of a sample. */
  width: 2 | 3
  /** Gaps between data records are allowed. */
  discontinuous: boolean
  /** Milliseconds since 1970, in the recording's own clock. */
  start: number
  headerBytes: number
  /** −1: not known. */
  records: number
  /** Seconds of a data record. */
  duration: number
  recordBytes: number
  signals: EdfSignal[]
}

/** EDF (Kemp et al. 1992), EDF+ (Kemp & Olivan 2003) and BioSemi's BDF: fixed fields of ASCII, then a part for each signal. null: more bytes are needed. */
export function readEdfHeader(file: string, bytes: Buffer): EdfHeader | null {
  const text = (at: number, length: number): string => bytes.toString('latin1', at, at + length).trim()
  const number = (at: number, length: number, what: string): number => {
    const raw = text(at, length)
    const value = Number(raw.replace(',', '.'))
    if (raw === '' || !Number.isFinite(value)) throw lying(file, at, `has "${raw.slice(0, 20)}" where ${what} should be`)
    return value
  }
  if (bytes.length < 256)
    throw new StrandError(
      'import/truncated',
      `${file} ends at byte ${count(bytes.length)}, inside its header. Nothing was imported; copy or download the file again.`,
      { file, byte: bytes.length },
    )
  const bdf = bytes[0] === 0xff
  const headerBytes = number(184, 8, 'its own length')
  const signals = number(252, 4, 'the number of signals')
  if (!Number.isInteger(signals) || signals < 1) throw lying(file, 252, `claims ${signals} signals`)
  if (headerBytes !== 256 * (signals + 1))
    throw lying(file, 184, `claims to take ${count(headerBytes)} bytes, and ${count(signals)} signals take ${count(256 * (signals + 1))}`)
  if (bytes.length < headerBytes) return null
  const records = number(236, 8, 'the number of data records')
  const duration = number(244, 8, 'the length of a data record')
  const reserved = text(192, 44)
  const plus = /^(EDF|BDF)\+/.test(reserved)
  // each field stands for all signals before the next field begins
  let base = 256
  const field = (width: number): ((signal: number) => [number, number]) => {
    const from = base
    base += width * signals
    return (signal) => [from + signal * width, width]
  }
  const label = field(16)
  field(80)
  const unit = field(8)
  const physicalMin = field(8)
  const physicalMax = field(8)
  const digitalMin = field(8)
  const digitalMax = field(8)
  field(80)
  const perRecord = field(8)
  const width = bdf ? 3 : 2
  let at = 0
  const described: EdfSignal[] = []
  for (let s = 0; s < signals; s++) {
    const name = text(...label(s))
    const annotations = /^(EDF|BDF) Annotations$/.test(name)
    const samples = number(...perRecord(s), `the number of samples of signal ${s + 1}`)
    if (!Number.isInteger(samples) || samples < 1)
      throw lying(file, perRecord(s)[0], `claims ${samples} samples a data record for signal ${s + 1}`)
    const low = number(...digitalMin(s), `the digital minimum of signal ${s + 1}`)
    const high = number(...digitalMax(s), `the digital maximum of signal ${s + 1}`)
    const from = number(...physicalMin(s), `the physical minimum of signal ${s + 1}`)
    const to = number(...physicalMax(s), `the physical maximum of signal ${s + 1}`)
    if (!annotations && high === low)
      throw lying(file, digitalMax(s)[0], `gives signal ${s + 1} ("${name}") the same digital minimum and maximum, ${low}`)
    const scale = annotations ? 0 : (to - from) / (high - low)
    described.push({
      label: name || `signal ${s + 1}`,
      unit: text(...unit(s)),
      scale,
      offset: from - scale * low,
      samples,
      at,
      annotations,
    })
    at += samples * width
  }
  if (!(duration > 0) && described.some((signal) => !signal.annotations))
    throw lying(file, 244, `gives a data record the length ${duration} s`)
  return {
    format: `${bdf ? 'BDF' : 'EDF'}${plus ? '+' : ''}`,
    width,
    discontinuous: /^(EDF|BDF)\+D/.test(reserved),
    start: startOf(text(168, 8), text(176, 8), text(88, 80)),
    headerBytes,
    records,
    duration,
    recordBytes: at,
    signals: described,
  }
}

const lying = (file: string, at: number, what: string): StrandError =>
  new StrandError(
    'import/lying-header',
    `The header of ${file} ${what} (byte ${count(at + 1)}). Nothing was imported; export the recording again.`,
    {
      file,
      byte: at + 1,
    },
  )

/** "dd.mm.yy" and "hh.mm.ss"; years 85–99 are of the last century. EDF+ repeats the date in full. NaN where it is none. */
function startOf(date: string, time: string, recording: string): number {
  const [day, month, year] = date.split(/[.:/-]/).map(Number)
  const [hour, minute, second] = time.split(/[.:-]/).map(Number)
  const full = /^Startdate \d{1,2}-[A-Z]{3}-(\d{4})/i.exec(recording)
  return Date.UTC(full ? Number(full[1]) : year + (year >= 85 ? 1900 : 2000), month - 1, day, hour, minute, second)
}

/** The first time of a list of annotations: where its data record begins, in seconds from the start. null where there is none. */
export function recordOnset(bytes: Buffer): number | null {
  const found = /^([+-]\d+(?:\.\d*)?)\x14\x14/.exec(bytes.toString('latin1', 0, 64))
  return found ? Number(found[1]) : null
}

/** Annotations beside the one that keeps the time. */
export function countAnnotations(bytes: Buffer): number {
  return [...bytes.toString('latin1').matchAll(/[+-]\d+(?:\.\d*)?(?:\x15\d+(?:\.\d*)?)?\x14([^\x14\0]+)\x14/g)].length
}
