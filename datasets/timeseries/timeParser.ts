/** The order of day, month and year in a file's dates; years, epochs; 'steps' for numbers that only count (as seconds). */
export type TimeOrder = 'ymd' | 'dmy' | 'mdy' | 'year' | 'seconds' | 'milliseconds' | 'steps'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const groups = new Float64Array(8)

/**
 * Bytes [start, end) → milliseconds since 1970 in the file's own clock, NaN when they are no time.
 * The plain forms (digits in groups: 2016-07-01 00:00:00, 01.07.2016, 1949-01) are read without making a string.
 */
export function parseTime(bytes: Uint8Array, start: number, end: number, order: TimeOrder): number {
  if (isNumberOrder(order)) return parseNumberTime(text(bytes, start, end), order)
  let n = 0
  let value = -1
  let digits = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i]
    if (byte >= 0x30 && byte <= 0x39) {
      value = (value < 0 ? 0 : value * 10) + byte - 0x30
      if (++digits > 4) return parseTimeText(text(bytes, start, end), order)
    } else if (byte === 0x2d || byte === 0x2f || byte === 0x3a || byte === 0x20 || byte === 0x54 || (byte === 0x2e && n < 2)) {
      if (value < 0) {
        if (byte === 0x20 && n === 0) continue
        return parseTimeText(text(bytes, start, end), order)
      }
      groups[n++] = value
      value = -1
      digits = 0
      if (n > 6) return NaN
    } else return parseTimeText(text(bytes, start, end), order)
  }
  if (value >= 0) groups[n++] = value
  return n > 6 ? NaN : fromGroups(n, order)
}

function fromGroups(n: number, order: TimeOrder): number {
  if (n < 2 || (n < 3 && order !== 'ymd')) return NaN
  let [year, month, day] = groups
  if (order === 'dmy') [day, month, year] = groups
  else if (order === 'mdy') [month, day, year] = groups
  if (n < 3) day = 1
  const hour = n > 3 ? groups[3] : 0
  const minute = n > 4 ? groups[4] : 0
  const second = n > 5 ? groups[5] : 0
  if (year < 100) year += year < 70 ? 2000 : 1900
  if (year < 1000 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60) return NaN
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

const text = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')

const ISO = /^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i
/** 20240131, 20240131T0930 */
const COMPACT = /^((?:19|20)\d\d)(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(\d\d)?)?Z?$/
const LOCAL = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{2,4})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*(AM|PM)?)?$/i
const WORDS = /^(\d{1,2})[ -]([A-Za-z]{3})[a-z]*[ -](\d{2,4})$|^([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})$/

/** Everything the fast way leaves: fractions of a second, zones (moved to UTC), AM and PM, month names. */
export function parseTimeText(raw: string, order: TimeOrder): number {
  const value = raw.trim().replace(/^"(.*)"$/, '$1')
  if (isNumberOrder(order)) return parseNumberTime(value, order)
  const fraction = (digits: string | undefined): number => (digits ? Math.round(Number(`0.${digits}`) * 1000) : 0)
  const iso = ISO.exec(value) ?? COMPACT.exec(value)
  if (iso && order === 'ymd') {
    const [, year, month, day = '1', hour = '0', minute = '0', second = '0', part, zone] = iso
    if (+month < 1 || +month > 12 || +day < 1 || +day > 31 || +hour > 24) return NaN
    return Date.UTC(+year, +month - 1, +day, +hour, +minute, +second, fraction(part)) - zoneOffset(zone)
  }
  const local = LOCAL.exec(value)
  if (local && order !== 'ymd') {
    const [, a, b, y, hour = '0', minute = '0', second = '0', part, half] = local
    const [day, month] = order === 'dmy' ? [+a, +b] : [+b, +a]
    const year = y.length === 2 ? +y + (+y < 70 ? 2000 : 1900) : +y
    if (month < 1 || month > 12 || day < 1 || day > 31) return NaN
    const hours = half ? (+hour % 12) + (half.toUpperCase() === 'PM' ? 12 : 0) : +hour
    return Date.UTC(year, month - 1, day, hours, +minute, +second, fraction(part))
  }
  const words = WORDS.exec(value)
  if (!words) return NaN
  const month = MONTHS.indexOf((words[2] ?? words[4]).toLowerCase())
  const year = +(words[3] ?? words[6])
  return month < 0 ? NaN : Date.UTC(year < 100 ? year + (year < 70 ? 2000 : 1900) : year, month, +(words[1] ?? words[5]))
}

type NumberOrder = 'year' | 'seconds' | 'milliseconds' | 'steps'

const isNumberOrder = (order: TimeOrder): order is NumberOrder => order !== 'ymd' && order !== 'dmy' && order !== 'mdy'

function parseNumberTime(value: string, order: NumberOrder): number {
  const number = value.trim() === '' ? NaN : Number(value)
  if (order === 'milliseconds') return number
  if (order === 'seconds' || order === 'steps') return number * 1000
  return Number.isInteger(number) ? Date.UTC(number, 0, 1) : NaN
}

function zoneOffset(zone: string | undefined): number {
  if (!zone || /^(Z|UTC)$/i.test(zone)) return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}

/** The one order in which (nearly) all samples are times, or null. Day-first is tried before month-first only where a day above 12 shows it. */
export function sniffTimeOrder(samples: readonly string[], name: string): TimeOrder | null {
  if (samples.length === 0) return null
  const fits = (order: TimeOrder): number => samples.filter((sample) => Number.isFinite(parseTimeText(sample, order))).length
  const enough = 0.9 * samples.length
  if (fits('ymd') >= enough) return 'ymd'
  const dmy = fits('dmy')
  const mdy = fits('mdy')
  if (dmy >= enough || mdy >= enough) return mdy > dmy || (mdy === dmy && samples.some((sample) => sample.includes('/'))) ? 'mdy' : 'dmy'
  if (!isTimeName(name)) return null
  const numbers = samples.map(Number)
  const growing = numbers.every((value, i) => Number.isFinite(value) && (i === 0 || value > numbers[i - 1]))
  if (!growing || numbers.length < 3) return null
  if (/year/i.test(name) || numbers.every((value) => Number.isInteger(value) && value >= 1000 && value <= 2200)) return 'year'
  if (numbers[0] > 1e11) return 'milliseconds'
  if (numbers[0] > 1e8) return 'seconds'
  return /^t/i.test(name.trim()) ? 'steps' : null
}

/** "time", "t", "timestamp_ms", "Time (s)": numbers below such a name may be times. */
export const isTimeName = (name: string): boolean =>
  /^(date|time|timestamp|datetime|year|ds|t|unix|epoch)s?(_?(ms|s|sec|seconds|utc))?\s*([[(]\s*(s|sec|seconds)\s*[\])])?$/i.test(
    name.trim(),
  )
