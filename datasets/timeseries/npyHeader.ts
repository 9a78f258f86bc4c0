import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'

export interface NpyHeader {
  /** Bytes of a number, and how to read one at a byte offset. */
  size: number
  read: (view: DataView, at: number) => number
  /** "U4", "S10": texts of a fixed width, for labels; `read` then answers NaN. */
  text: { width: number; wide: boolean; little: boolean } | null
  fortran: boolean
  shape: number[]
  /** First byte of the data. */
  dataAt: number
  dtype: string
}

const KINDS: Readonly<Record<string, (little: boolean) => (view: DataView, at: number) => number>> = {
  f8: (little) => (view, at) => view.getFloat64(at, little),
  f4: (little) => (view, at) => view.getFloat32(at, little),
  f2: (little) => (view, at) => halfFloat(view.getUint16(at, little)),
  i8: (little) => (view, at) => Number(view.getBigInt64(at, little)),
  u8: (little) => (view, at) => Number(view.getBigUint64(at, little)),
  i4: (little) => (view, at) => view.getInt32(at, little),
  u4: (little) => (view, at) => view.getUint32(at, little),
  i2: (little) => (view, at) => view.getInt16(at, little),
  u2: (little) => (view, at) => view.getUint16(at, little),
  i1: () => (view, at) => view.getInt8(at),
  u1: () => (view, at) => view.getUint8(at),
  b1: () => (view, at) => view.getUint8(at),
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The header of a NumPy array, format 1.0 to 3.0 (numpy.lib.format). null when more bytes are needed. */
export function readNpyHeader(file: string, bytes: Buffer, whole: boolean): NpyHeader | null {
  const version = bytes[6]
  const wide = version >= 2
  const start = wide ? 12 : 10
  const cut = (): null => {
    if (!whole) return null
    throw new StrandError(
      'import/truncated',
      `${file} ends at byte ${count(bytes.length)}, inside its header. Nothing was imported; copy or download the file again.`,
      { file, byte: bytes.length },
    )
  }
  if (bytes.length < start) return cut()
  const length = wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8)
  if (length > 65_536 * 16) throw lying(file, `says it takes ${count(length)} bytes`)
  if (bytes.length < start + length) return cut()
  const text = bytes.toString('utf8', start, start + length)
  const descr = /['"]descr['"]\s*:\s*(['"])([^'"]+)\1/.exec(text)
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)
  const shape = /['"]shape['"]\s*:\s*\(([^)]*)\)/.exec(text)
  if (shape && order && /['"]descr['"]\s*:\s*\[/.test(text))
    throw new StrandError(
      'import/unknown-format',
      `${file} is a structured array, with named fields of several types, which Strand does not read. Save it as CSV, or its numbers as a plain array.`,
      { file },
    )
  if (!shape || !order || !descr) throw lying(file, 'names no shape, order or type of number')
  const dtype = descr[2]
  const little = dtype[0] !== '>'
  const kind = dtype.replace(/^[<>|=]/, '')
  const dims = shape[1]
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    // Python 2 on Windows wrote its long integers so
    .map((part) => Number(part.replace(/L$/, '')))
  if (dims.some((dim) => !Number.isInteger(dim) || dim < 0)) throw lying(file, `has the shape (${shape[1]})`)
  if (dims.includes(0))
    throw new StrandError(
      'import/empty',
      `${file} is an array of the shape (${shape[1]}), so it holds no numbers. Choose one with data in it.`,
      {
        file,
      },
    )
  const base = { fortran: order[1] === 'True', shape: dims, dataAt: start + length, dtype }
  const words = /^([US])(\d+)$/.exec(kind)
  if (words) {
    const width = Number(words[2])
    return { ...base, size: words[1] === 'U' ? 4 * width : width, read: () => NaN, text: { width, wide: words[1] === 'U', little } }
  }
  const reader = KINDS[kind]
  if (!reader)
    throw new StrandError(
      'import/unknown-format',
      `${file} holds numbers of the NumPy type "${dtype}", which Strand does not read. Save them as float32, for example with array.astype("float32").`,
      { file, byte: start + 1 },
    )
  return { ...base, size: Number(kind.slice(1)), read: reader(little), text: null }
}

const lying = (file: string, what: string): StrandError =>
  new StrandError(
    'import/lying-header',
    `The header of ${file} ${what}, which no NumPy array of numbers has. Nothing was imported; save the array again.`,
    {
      file,
      byte: 9,
    },
  )

/** Texts of a fixed width, zeros at the end taken off. */
export function readTexts(bytes: Buffer, { size, text }: NpyHeader): string[] {
  const out: string[] = []
  for (let at = 0; at + size <= bytes.length; at += size) {
    if (!text!.wide) out.push(bytes.toString('latin1', at, at + size).replace(/\0+$/, ''))
    else {
      let word = ''
      for (let k = 0; k < text!.width; k++) {
        const code = text!.little ? bytes.readUInt32LE(at + 4 * k) : bytes.readUInt32BE(at + 4 * k)
        if (code > 0 && code <= 0x10ffff) word += String.fromCodePoint(code)
      }
      out.push(word)
    }
  }
  return out
}
