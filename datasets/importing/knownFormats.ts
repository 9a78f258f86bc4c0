import { StrandError } from '../errors.ts'
import { count } from './source.ts'

/** First bytes of formats Strand knows but does not read, so that the sentence can name them. */
const KNOWN: readonly (readonly [magic: string, at: number, what: string, instead: string])[] = [
  ['\x1f\x8b', 0, 'compressed twice with gzip', 'Decompress it once'],
  ['\x28\xb5\x2f\xfd', 0, 'compressed twice, the second time with Zstandard', 'Decompress it once'],
  ['\xfd7zXZ', 0, 'compressed twice, the second time with xz', 'Decompress it once'],
  ['PK\x03\x04', 0, 'a ZIP archive inside a compressed file', 'Decompress it once, and drop the archive'],
  ['OggS', 0, 'an Ogg file of another kind than Vorbis or Opus', 'Convert it to FLAC or WAV, then drop it again'],
  ['\xff\xf1', 0, 'an AAC sound', 'Convert it to FLAC or WAV, then drop it again'],
  ['\xff\xf9', 0, 'an AAC sound', 'Convert it to FLAC or WAV, then drop it again'],
  ['FORM', 0, 'an IFF file of another kind than AIFF', 'Convert it to WAV, then drop it again'],
  ['ftyp', 4, 'an MP4 or M4A file', 'Convert it to FLAC or WAV, then drop it again'],
  ['BZh', 0, 'a bzip2 archive', 'Unpack it first'],
  ['.snd', 0, 'a Sun or NeXT sound (.au)', 'Convert it to WAV, then drop it again'],
  ['caff', 0, 'a Core Audio sound (.caf)', 'Convert it to WAV, then drop it again'],
  ['riff\x2e\x91\xcf\x11', 0, 'a Sony Wave64 sound (.w64)', 'Convert it to WAV, then drop it again'],
  ['wvpk', 0, 'a WavPack sound', 'Convert it to FLAC or WAV, then drop it again'],
  ['\x30\x26\xb2\x75', 0, 'a Windows Media sound', 'Convert it to FLAC or WAV, then drop it again'],
  ['7z\xbc\xaf', 0, 'a 7-Zip archive', 'Unpack it, and drop what is inside'],
  ['Rar!', 0, 'a RAR archive', 'Unpack it, and drop what is inside'],
  ['%PDF', 0, 'a PDF document', 'Save its text as a .txt file'],
  ['\x89PNG', 0, 'a PNG picture', 'Choose sequences, sound, a table or text'],
  ['\xff\xd8\xff', 0, 'a JPEG picture', 'Choose sequences, sound, a table or text'],
  ['GIF8', 0, 'a GIF picture', 'Choose sequences, sound, a table or text'],
  ['\x7fELF', 0, 'a program', 'Choose sequences, sound, a table or text'],
  ['MZ\x90', 0, 'a Windows program', 'Choose sequences, sound, a table or text'],
  ['SQLite format 3', 0, 'an SQLite database', 'Export the table as CSV'],
  ['\x89HDF', 0, 'an HDF5 file', 'Export the series as CSV or NumPy arrays'],
  ['MATLAB 5.0', 0, 'a MATLAB file', 'Save the series as CSV'],
  ['FEA1', 0, 'a Feather table of version 1', 'Write it again as Feather 2 or Parquet'],
  ['\x80\x04\x95', 0, 'a Python pickle', 'Save the series with numpy.save or as CSV'],
  ['BAM\x01', 0, 'a BAM alignment', 'Convert it to FASTA with samtools fasta'],
]

/** Throws 'import/unknown-format' with the name of what the file is. */
export function refuseKnown(file: string, start: string): void {
  for (const [magic, at, what, instead] of KNOWN) if (start.startsWith(magic, at)) throw notRead(file, what, instead)
}

export const notRead = (file: string, what: string, instead: string): StrandError =>
  new StrandError('import/unknown-format', `${file} is ${what}, which Strand does not read. ${instead}.`, { file })

/** Text has no zero bytes and next to no control characters; a picture or program renamed .csv has both at once. */
export function refuseBinary(file: string, bytes: Buffer): void {
  let controls = 0
  let first = -1
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === 0) {
      const line = 1 + bytes.subarray(0, i).filter((b) => b === 0x0a).length
      throw new StrandError(
        'import/unknown-format',
        `${file} holds binary data (a zero byte at byte ${count(i + 1)}, line ${count(line)}): it is not text, whatever its name says. Choose sequences, sound, a table or text.`,
        { file, byte: i + 1, line },
      )
    }
    if (byte < 0x20 && (byte < 0x08 || byte > 0x0d) && byte !== 0x1b) {
      controls++
      if (first < 0) first = i
    }
  }
  if (controls > Math.max(4, bytes.length / 100))
    throw new StrandError(
      'import/unknown-format',
      `${file} holds binary data (control characters from byte ${count(first + 1)} on): it is not text, whatever its name says. Choose sequences, sound, a table or text.`,
      { file, byte: first + 1 },
    )
}
