import { analyse } from 'chardet'
import type { TextEncoding } from '../../main/contract/importing.ts'

/** For sentences and screens. 'windows-1252' is what files called Latin-1 are. */
export const ENCODING_NAMES: { readonly [K in TextEncoding]: string } = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16, big end first',
  'utf-32le': 'UTF-32',
  'utf-32be': 'UTF-32, big end first',
  'windows-1250': 'Windows-1250 (Central European)',
  'windows-1251': 'Windows-1251 (Cyrillic)',
  'windows-1252': 'Latin-1 (Windows-1252)',
  'windows-1253': 'Windows-1253 (Greek)',
  'windows-1254': 'Windows-1254 (Turkish)',
  'windows-1255': 'Windows-1255 (Hebrew)',
  'windows-1256': 'Windows-1256 (Arabic)',
  'windows-1257': 'Windows-1257 (Baltic)',
  'iso-8859-2': 'ISO 8859-2 (Central European)',
  'koi8-r': 'KOI8-R (Cyrillic)',
  shift_jis: 'Shift JIS (Japanese)',
  'euc-jp': 'EUC-JP (Japanese)',
  gb18030: 'GB 18030 (Chinese)',
  big5: 'Big5 (Chinese)',
  'euc-kr': 'EUC-KR (Korean)',
}

/** The guesser's names that differ from ours; where ISO and Windows differ only in control characters, the Windows one. */
const GUESSED: Readonly<Record<string, TextEncoding>> = {
  'iso-8859-1': 'windows-1252',
  'iso-8859-5': 'windows-1251',
  'iso-8859-6': 'windows-1256',
  'iso-8859-7': 'windows-1253',
  'iso-8859-8': 'windows-1255',
  'iso-8859-9': 'windows-1254',
}

const isWide = (encoding: TextEncoding): boolean => encoding.startsWith('utf-16') || encoding.startsWith('utf-32')

/** By byte order mark; without one, by where the zero bytes of Latin letters lie. Else taken for UTF-8 until a byte says otherwise. */
export function encodingOfHead(bytes: Uint8Array): { encoding: TextEncoding; bom: number } {
  const starts = (...mark: number[]): boolean => mark.every((byte, i) => bytes[i] === byte)
  if (starts(0xff, 0xfe, 0, 0)) return { encoding: 'utf-32le', bom: 4 }
  if (starts(0, 0, 0xfe, 0xff)) return { encoding: 'utf-32be', bom: 4 }
  if (starts(0xff, 0xfe)) return { encoding: 'utf-16le', bom: 2 }
  if (starts(0xfe, 0xff)) return { encoding: 'utf-16be', bom: 2 }
  if (starts(0xef, 0xbb, 0xbf)) return { encoding: 'utf-8', bom: 3 }
  const length = Math.min(1024, bytes.length & ~3)
  const zeros = [0, 0, 0, 0]
  for (let i = 0; i < length; i++) if (bytes[i] === 0) zeros[i & 3]++
  const quarter = length / 4
  const nearly = 0.8 * quarter
  if (quarter >= 4) {
    if (zeros[3] === quarter && zeros[2] > nearly && zeros[0] === 0) return { encoding: 'utf-32le', bom: 0 }
    if (zeros[0] === quarter && zeros[1] > nearly && zeros[3] === 0) return { encoding: 'utf-32be', bom: 0 }
    if (zeros[1] + zeros[3] > 2 * nearly && zeros[0] + zeros[2] === 0) return { encoding: 'utf-16le', bom: 0 }
    if (zeros[0] + zeros[2] > 2 * nearly && zeros[1] + zeros[3] === 0) return { encoding: 'utf-16be', bom: 0 }
  }
  return { encoding: 'utf-8', bom: 0 }
}

/** More letters make no better guess, only a slower one. */
const LOOKED_AT = 65_536

/** What a text that is not UTF-8 is most likely coded as, by the frequencies of letters. A guess, to be told as one. */
export function guessEncoding(sample: Uint8Array): TextEncoding {
  for (const { name, confidence } of analyse(sample.subarray(0, LOOKED_AT))) {
    const key = name.toLowerCase()
    const encoding = GUESSED[key] ?? (key in ENCODING_NAMES ? (key as TextEncoding) : null)
    if (encoding && encoding !== 'utf-8' && !isWide(encoding) && confidence >= 10) return encoding
  }
  return 'windows-1252'
}

/** Bytes in pieces → text, a character cut between pieces put together again; the byte order mark is left out. */
export interface PieceDecoder {
  decode(piece: Uint8Array): string
  end(): string
}

export function pieceDecoder(encoding: TextEncoding): PieceDecoder {
  if (encoding === 'utf-32le' || encoding === 'utf-32be') return new Utf32Decoder(encoding === 'utf-32le')
  const decoder = new TextDecoder(encoding)
  return { decode: (piece) => decoder.decode(piece, { stream: true }), end: () => decoder.decode() }
}

export function decodeWhole(bytes: Uint8Array, encoding: TextEncoding): string {
  const decoder = pieceDecoder(encoding)
  return decoder.decode(bytes) + decoder.end()
}

/** The web's TextDecoder knows no UTF-32. Values beyond Unicode become U+FFFD. */
class Utf32Decoder implements PieceDecoder {
  private readonly little: boolean
  private held = Buffer.alloc(0)
  private first = true

  constructor(little: boolean) {
    this.little = little
  }

  decode(piece: Uint8Array): string {
    const bytes = this.held.length > 0 ? Buffer.concat([this.held, piece]) : Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    const whole = bytes.length & ~3
    const parts: string[] = []
    for (let i = 0; i < whole; i += 4) {
      const code = this.little ? bytes.readUInt32LE(i) : bytes.readUInt32BE(i)
      const mark = this.first && code === 0xfeff
      this.first = false
      if (!mark) parts.push(code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code))
    }
    this.held = Buffer.from(bytes.subarray(whole))
    return parts.join('')
  }

  end(): string {
    return this.held.length > 0 ? '\ufffd' : ''
  }
}
