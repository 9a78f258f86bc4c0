import { withoutSign } from './numberWords.ts'

/** What the last call of `parseNumber` met when it answered NaN. */
export type NumberFault = 'none' | 'missing' | 'infinite' | 'not a number'

const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))
const NAN_WORD = /^(na|n\/a|nan|null|none|nil|-|\?|\.|#n\/a|missing)$/i

export const lastNumber: { fault: NumberFault } = { fault: 'none' }

/**
 * Bytes [start, end) → the nearest float64, NaN for a missing or wrong value (see `lastNumber`).
 * Up to 15 digits and 10^±22 the product or quotient of two exact numbers is correctly rounded (Clinger 1990), which covers nearly all data;
 * anything longer goes through JavaScript's own reader.
 */
export function parseNumber(bytes: Uint8Array, start: number, end: number, decimal: number): number {
  while (start < end && bytes[start] <= 0x20) start++
  while (end > start && bytes[end - 1] <= 0x20) end--
  lastNumber.fault = 'none'
  if (start === end) {
    lastNumber.fault = 'missing'
    return NaN
  }
  let i = start
  let negative = false
  if (bytes[i] === 0x2d || bytes[i] === 0x2b) negative = bytes[i++] === 0x2d
  let mantissa = 0
  let digits = 0
  let significant = 0
  let scale = 0
  let point = false
  for (; i < end; i++) {
    const byte = bytes[i]
    if (byte >= 0x30 && byte <= 0x39) {
      digits++
      mantissa = mantissa * 10 + (byte - 0x30)
      if (mantissa > 0) significant++
      if (point) scale--
    } else if (byte === decimal && !point) point = true
    else break
  }
  if (digits === 0) return fault(bytes, start, end, decimal)
  if (i < end) {
    if (bytes[i] !== 0x65 && bytes[i] !== 0x45) return fault(bytes, start, end, decimal)
    let exponent = 0
    let minus = false
    if (++i < end && (bytes[i] === 0x2d || bytes[i] === 0x2b)) minus = bytes[i++] === 0x2d
    if (i >= end) return fault(bytes, start, end, decimal)
    for (; i < end; i++) {
      if (bytes[i] < 0x30 || bytes[i] > 0x39) return fault(bytes, start, end, decimal)
      exponent = exponent * 10 + (bytes[i] - 0x30)
    }
    scale += minus ? -exponent : exponent
  }
  if (significant > 15 || scale > 22 || scale < -22) return slow(bytes, start, end, decimal)
  const value = scale < 0 ? mantissa / POWERS[-scale] : mantissa * POWERS[scale]
  return negative ? -value : value
}

const word = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')

function slow(bytes: Uint8Array, start: number, end: number, decimal: number): number {
  const text = word(bytes, start, end)
  return Number(decimal === 0x2e ? text : text.replace(',', '.'))
}

function fault(bytes: Uint8Array, start: number, end: number, decimal: number): number {
  const plain = unsigned(bytes, start, end)
  if (plain) return parseNumber(plain, 0, plain.length, decimal)
  const text = end - start > 64 ? '' : word(bytes, start, end)
  lastNumber.fault = NAN_WORD.test(text) ? 'missing' : /^[+-]?inf(inity)?$/i.test(text) ? 'infinite' : 'not a number'
  return NaN
}

/** The cell without a sign of money or percent; null where it has none. */
export function unsigned(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  if (end - start > 64 || !(isSign(bytes[start]) || isSign(bytes[end - 1]) || isSign(bytes[start + 1]))) return null
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    .toString('utf8')
    .trim()
  const plain = withoutSign(text)
  return plain === text ? null : Buffer.from(plain)
}

/** "$", "%", or a byte of a letter beyond ASCII, as "€" is. */
const isSign = (byte: number): boolean => byte === 0x24 || byte === 0x25 || byte >= 0x80

let scratch = Buffer.alloc(64)

/** The cell without its separators of thousands (any of these bytes), valid until the next call. */
export function withoutSeparators(bytes: Uint8Array, start: number, end: number, separators: Uint8Array): Uint8Array {
  if (scratch.length < end - start) scratch = Buffer.alloc(2 * (end - start))
  let n = 0
  for (let i = start; i < end; i++) if (!separators.includes(bytes[i])) scratch[n++] = bytes[i]
  return scratch.subarray(0, n)
}
