/** Inputs that users really drop, each with the sentence it must give. A refusal must leave nothing; a repair must be told. */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { all } from '../store/connection.ts'
import { listDatasets } from '../store/store.ts'
import { testProject, wav, type TestProject } from '../testing/project.ts'

interface Refused {
  file: string
  content: string | Uint8Array
  options?: ImportOptions
  code: string
  says: string
}

const bases = 'ACGTACGTAC'.repeat(40)
const rows = (n: number, from = 0): string =>
  Array.from({ length: n }, (_, i) => `2020-01-${String(from + i + 1).padStart(2, '0')},${i}.5,${i * 2}\n`).join('')
const png = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')
const sound = new Uint8Array(800).map((_, i) => i % 7)
const gz = gzipSync(`>a\n${bases}\n`)
const noise = Buffer.alloc(40_000)
for (let i = 0, x = 1; i < noise.length; i++) noise[i] = (x = Math.imul(x, 1_103_515_245) + 12_345) >>> 24

const refused: Refused[] = [
  { file: 'empty.fa', content: '', code: 'import/empty', says: 'empty.fa is empty (0 bytes). Choose a file with data in it.' },
  { file: 'blank.txt', content: ' \n\n \t\n', code: 'import/empty', says: 'blank.txt holds only blank space.' },
  { file: 'nothing.txt.gz', content: gzipSync(''), code: 'import/empty', says: 'nothing.txt.gz holds nothing once decompressed.' },
  { file: 'picture.csv', content: png, code: 'import/unknown-format', says: 'picture.csv is a PNG picture, which Strand does not read.' },
  {
    file: 'binary.csv',
    content: 'a,b\n1,2\n3,\0\n',
    code: 'import/unknown-format',
    says: 'binary.csv holds binary data (a zero byte at byte 11, line 3): it is not text, whatever its name says.',
  },
  {
    file: 'noise.csv',
    content: noise.map((b) => b || 1),
    code: 'import/unknown-format',
    says: 'noise.csv holds binary data (control characters from byte',
  },
  {
    file: 'table.csv',
    content: Buffer.from('PK\x03\x04....', 'latin1'),
    code: 'import/truncated',
    says: 'table.csv is damaged or cut off: End of central directory record signature not found.',
  },
  {
    file: 'cut.fa.gz',
    content: gz.subarray(0, gz.length - 12),
    code: 'import/truncated',
    says: `cut.fa.gz is cut off: its compressed data ends in the middle at byte ${gz.length - 12}.`,
  },
  {
    file: 'flip.fa.gz',
    content: Buffer.concat([gz.subarray(0, 30), Buffer.from([0xff, 0xff, 0xff]), gz.subarray(33)]),
    code: 'import/truncated',
    says: 'The compressed data of flip.fa.gz is damaged before byte',
  },
  { file: 'twice.fa.gz', content: gzipSync(gz), code: 'import/unknown-format', says: 'twice.fa.gz is compressed twice with gzip' },
  {
    file: 'protein.fa',
    content: '>p1\nMKTAYIAKQR\nQISFVKSHFS\n',
    code: 'import/bad-record',
    says: 'Line 2 of protein.fa (record "p1") holds "I", which is no nucleotide letter; it looks like protein',
  },
  {
    file: 'aligned.fa',
    content: '>a\nACGT\nAC-GT\n',
    code: 'import/bad-record',
    says: 'Line 3 of aligned.fa (record "a") holds "-", a gap of an alignment',
  },
  {
    file: 'glued.fa',
    content: '>aACGT\n>bACGT\n',
    code: 'import/empty',
    says: 'Nothing in glued.fa could be imported. Record "aACGT" at line 1 of glued.fa has no bases',
  },
  {
    file: 'words.fa',
    content: 'These are words.\n',
    options: { domain: 'genomics' },
    code: 'import/bad-record',
    says: 'Line 1 of words.fa (record "words") holds "e"',
  },
  {
    file: 'control.fa',
    content: `>a\n${bases}\n\x01${bases}\n`,
    code: 'import/bad-record',
    says: 'control.fa holds a control character (value 1) at byte 405, line 3',
  },
  {
    file: 'ragged.csv',
    content: `date,a,b\n${rows(4)}2020-01-05,9\n${rows(2, 5)}`,
    code: 'import/bad-record',
    says: 'Line 6 of ragged.csv has 2 fields where 3 are expected.',
  },
  {
    file: 'word.csv',
    content: 'a,b\n1,2\n3,4\n5,six\n7,8\n9,1\n',
    code: 'import/bad-record',
    says: 'Line 4 of word.csv, column "b": "six" is not a number.',
  },
  {
    file: 'quote.csv',
    content: `a,b\n1,2\n2,3\n3,4\n5,"6\n7,8\n`,
    code: 'import/bad-record',
    says: 'A quote opened in line 5 of quote.csv is never closed.',
  },
  {
    file: 'hole.csv',
    content: 'a,b\n1,2\n3,\n5,6\n',
    options: { missing: 'stop' },
    code: 'import/bad-record',
    says: 'Line 3 of hole.csv has no value in column "b", and you chose to stop at missing values.',
  },
  {
    file: 'badtime.csv',
    content: `date,a,b\n${rows(11)}soon,1,2\n`,
    code: 'import/bad-record',
    says: 'Line 13 of badtime.csv has no readable time in column "date".',
  },
  {
    file: 'prose.txt',
    content: 'Call me Ishmael.\n',
    options: { domain: 'timeseries' },
    code: 'import/unknown-format',
    says: 'prose.txt has no column of numbers',
  },
  {
    file: 'zero.txt',
    content: `${'a line of text\n'.repeat(20_000)}\0`,
    code: 'import/bad-record',
    says: 'zero.txt holds a zero byte at byte 300,001, so it is not plain text.',
  },
  {
    file: 'mixed.txt',
    content: Buffer.concat([Buffer.from('grün\nund '), Buffer.from([0xff]), Buffer.from('\n')]),
    code: 'import/bad-record',
    says: 'Byte 11 of mixed.txt (line 2) is not valid UTF-8, though the file is otherwise.',
  },
  {
    file: 'short.wav',
    content: wav(sound).subarray(0, 30),
    code: 'import/truncated',
    says: 'short.wav ends at byte 30, before its sound begins.',
  },
  {
    file: 'align.wav',
    content: wav(sound, { align: 3 }),
    code: 'import/lying-header',
    says: 'The header of align.wav contradicts itself at byte 33: it claims 16 bits and 1 channel, which take 2 bytes a frame, but says 3.',
  },
  {
    file: 'channels.wav',
    content: wav(sound, { channels: 0, align: 2 }),
    code: 'import/lying-header',
    says: 'it claims to have no channels',
  },
  { file: 'rate.wav', content: wav(sound, { rate: 0 }), code: 'import/lying-header', says: 'it claims a sample rate of 0 Hz' },
  {
    file: 'adpcm.wav',
    content: wav(sound, { tag: 0x11, bits: 4, align: 1 }),
    code: 'import/unknown-format',
    says: 'adpcm.wav holds sound coded as ADPCM',
  },
  { file: 'silent.wav', content: wav(new Uint8Array(0)), code: 'import/empty', says: 'These files hold no sound.' },
  {
    file: 'song.wav',
    content: Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'),
    code: 'import/lying-header',
    says: 'song.wav looks like MP3, but no two frames of sound follow each other in its first 10 bytes.',
  },
  {
    file: 'a.fa',
    content: `>a\n${bases}\n`,
    options: { domain: 'audio' },
    code: 'import/unknown-format',
    says: 'a.fa is no sound that Strand reads: it starts as none of WAV, AIFF, FLAC, MP3, Ogg Vorbis and Opus does.',
  },
  {
    file: 'b.fa',
    content: `>a\n${bases}\n`,
    options: { split: { train: 0.9, validation: 0.2, test: 0 } },
    code: 'bad-input',
    says: 'The split fractions add up to 1.1, not 1.',
  },
  {
    file: 'c.csv',
    content: `date,a,b\n${rows(9)}`,
    options: { splitRows: [5, 8, 20] },
    code: 'bad-input',
    says: 'The split ends at row 20, but the file has 9.',
  },
  {
    file: 'd.csv',
    content: `date,a,b\n${rows(9)}`,
    options: { splitRows: [5, 4, 9] },
    code: 'bad-input',
    says: 'Split rows are three growing whole numbers',
  },
  { file: 'a.bed', content: 'chr1\t0\t8\n', code: 'bad-input', says: 'a.bed lists regions of sequences that are in another file.' },
  {
    file: 'v.vcf',
    content: '##fileformat=VCFv4.2\n1\t3\t.\tG\tC\n',
    code: 'bad-input',
    says: 'v.vcf lists variants of sequences that are in another file.',
  },
  {
    file: 'empty.gff3',
    content: `##gff-version 3\n##FASTA\n>chr1\n${bases}\n`,
    code: 'import/empty',
    says: 'empty.gff3 holds no regions. Choose another file.',
  },
  {
    file: 'inside.gff3',
    content: `##gff-version 3\nchr1\tx\tgene\t1\t900\t.\t+\t.\tID=g\n##FASTA\n>chr1\n${bases}\n`,
    code: 'import/bad-record',
    says: 'Line 2 of inside.gff3 has a region of "chr1" that ends at 900, and the sequence has 400 bases.',
  },
  {
    file: 'words.gff3',
    content: `##gff-version 3\nchr1 has a gene\n##FASTA\n>chr1\n${bases}\n`,
    code: 'import/bad-record',
    says: 'Line 2 of words.gff3 has 1 of the 9 columns of GFF3, which tabs divide.',
  },
  {
    file: 'cut.2bit',
    content: Buffer.from('\x43\x27\x41\x1a\0\0\0\0\x01\0\0\0\0\0\0\0\x04chr1', 'latin1'),
    code: 'import/truncated',
    says: 'cut.2bit is cut off at byte 21: its list of sequences is not whole.',
  },
  {
    file: 'many.2bit',
    content: Buffer.from('\x43\x27\x41\x1a\0\0\0\0\xff\xff\xff\xff\0\0\0\0', 'latin1'),
    code: 'import/lying-header',
    says: 'many.2bit contradicts itself at byte 9: it claims 4,294,967,295 sequences.',
  },
  {
    file: 'kmer.fa',
    content: `>a\n${bases}\n`,
    options: { tokens: 'kmer', k: 9 },
    code: 'bad-input',
    says: 'A k-mer has 2 to 8 bases, not 9. Choose for example 6.',
  },
  {
    file: 'short.fa',
    content: '>a\nACGT\n',
    options: { tokens: 'bpe', vocab: 70_000 },
    code: 'bad-input',
    says: 'A BPE vocabulary of bases has 6 to 65,536 tokens, not 70000.',
  },
  {
    file: 'tokens.txt',
    content: 'some words, and more words',
    options: { tokens: 'codon' },
    code: 'bad-input',
    says: 'These files are text and cannot be read as "codon" tokens. Choose char, byte or bpe.',
  },
  {
    file: 'folds.txt',
    content: 'some words, and more words',
    options: { tokens: 'bpe', folds: 3 },
    code: 'bad-input',
    says: '3 folds do not go with 1 records',
  },
  {
    file: 'words.wav',
    content: wav(sound),
    options: { tokens: 'byte' },
    code: 'bad-input',
    says: 'These files are audio and cannot be read as "byte" tokens. Choose mu-law, linear or continuous.',
  },
  {
    file: 'bits.wav',
    content: wav(sound),
    options: { tokens: 'linear', bits: 13 },
    code: 'bad-input',
    says: 'Sound is read in 4 to 12 bits, not 13. Choose for example 8.',
  },
  {
    file: 'gap.faa',
    content: '>p\nMKT-AYIAK\n',
    options: { tokens: 'protein' },
    code: 'import/bad-record',
    says: 'Line 2 of gap.faa (record "p") holds "-", a gap of an alignment',
  },
  {
    file: 'digit.faa',
    content: '>p\nMKTAYIAKQRQISFVK&HFSRQLEERLGLIEVQ\n',
    options: { tokens: 'protein' },
    code: 'import/bad-record',
    says: 'Line 2 of digit.faa (record "p") holds "&", which is no amino acid.',
  },
  {
    file: 'protein.fastq',
    content: `@r\n${bases}\n+\n${'I'.repeat(bases.length)}\n`,
    options: { tokens: 'protein' },
    code: 'bad-input',
    says: 'Proteins are read from FASTA, and protein.fastq is FASTQ.',
  },
  {
    file: 'low.fastq',
    content: `@r\n${bases}\n+\n${'!'.repeat(bases.length)}\n`,
    options: { minQuality: 20 },
    code: 'import/empty',
    says: 'Nothing in low.fastq could be imported.',
  },
  {
    file: 'noise.mp3',
    content: Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x64]), noise]),
    code: 'import/lying-header',
    says: 'noise.mp3 looks like MP3, but no two frames of sound follow each other in its first 40,004 bytes.',
  },
  {
    file: 'layer.mp3',
    content: Buffer.concat([Buffer.from([0xff, 0xfd, 0x90, 0x64]), new Uint8Array(3000)]),
    code: 'import/unknown-format',
    says: 'layer.mp3 is MPEG audio of Layer II, which Strand does not read.',
  },
  {
    file: 'free.mp3',
    content: Buffer.concat([Buffer.from([0xff, 0xfb, 0x00, 0x64]), new Uint8Array(3000)]),
    code: 'import/unknown-format',
    says: 'free.mp3 is an MP3 sound of free bitrate, which Strand does not read.',
  },
  {
    file: 'voice.aac',
    content: Buffer.concat([Buffer.from([0xff, 0xf1, 0x50, 0x80]), new Uint8Array(300)]),
    code: 'import/unknown-format',
    says: 'voice.aac is an AAC sound, which Strand does not read.',
  },
  {
    file: 'head.opus',
    content: Buffer.concat([Buffer.from('OggS\0\x02'), new Uint8Array(22), Buffer.from('OpusHead\x01\0'), new Uint8Array(30)]),
    code: 'import/lying-header',
    says: 'The header of head.opus contradicts itself at byte 38: it claims to have no channels.',
  },
  {
    file: 'small.raw',
    content: Uint8Array.of(1),
    options: { pcm: { coding: 's16', rate: 8000, channels: 1 } },
    code: 'import/empty',
    says: 'These files hold no sound.',
  },
]

interface Told {
  file: string
  content: string | Uint8Array
  options?: ImportOptions
  says: string
  line?: number
  byte?: number
  length: number
}

const told: Told[] = [
  {
    file: 'plain.fa',
    content: `${bases}\n${bases}\n`,
    says: 'Line 1 of plain.fa starts a sequence without a header line (">name"); it was named "plain" after the file.',
    line: 1,
    length: 800,
  },
  {
    file: 'empty-record.fa',
    content: `>a\n>b\n${bases}\n`,
    says: 'Record "a" at line 1 of empty-record.fa has no bases; it was left out.',
    line: 1,
    length: 400,
  },
  {
    file: 'twice.fa',
    content: `>a\nACGT\n>a x\nACGT\n`,
    says: 'The name "a" at line 3 of twice.fa was used before; this record is now "a (2)".',
    line: 3,
    length: 8,
  },
  { file: 'soft.fa', content: `>a\nacgtACGT\r\n`, says: 'Lower-case letters (soft-masked) were read as upper case: 4.', length: 8 },
  {
    file: 'iupac.fa',
    content: '>a\nACGTRYKM\n',
    says: 'IUPAC letters for more than one base are kept, a model reads them as N: 4.',
    length: 8,
  },
  { file: 'rna.fa', content: '>a\nACGUU\n', says: 'U was read as T: 2.', length: 5 },
  {
    file: 'numbered.fa',
    content: '>a\n  1 ACGT ACGT\n',
    says: 'Spaces and digits inside sequences were left out (5, the first in line 2).',
    line: 2,
    length: 8,
  },
  {
    file: 'skip.fa',
    content: `>a\n${bases}\n>p\nMKLV\nACGT\n>b\n${bases}\n`,
    options: { onProblem: 'skip' },
    says: 'Line 4 of skip.fa (record "p") holds "L"',
    line: 4,
    length: 800,
  },
  {
    file: 'skip.csv',
    content: `date,a,b\n${rows(4)}2020-01-05,9\n${rows(2, 5)}`,
    options: { onProblem: 'skip' },
    says: 'Line 6 of skip.csv has 2 fields where 3 are expected. The row was left out.',
    line: 6,
    length: 7,
  },
  {
    file: 'word.csv',
    content: 'a,b\n1,2\n3,4\n5,six\n7,8\n9,1\n',
    options: { onProblem: 'skip' },
    says: '"six" is not a number. The value is kept as missing.',
    line: 4,
    length: 5,
  },
  {
    file: 'nan.csv',
    content: 'a,b\n1,NaN\n3,4\n,6\n',
    says: 'Column "b" of nan.csv: 1 of 3 values are missing; they are kept as missing.',
    length: 3,
  },
  { file: 'inf.csv', content: 'a,b\n1,2\n3,inf\n4,6\n', says: 'column "b": an infinite value is kept as missing.', line: 3, length: 3 },
  {
    file: 'gap.csv',
    content: `date,a,b\n${rows(10)}${rows(5, 12)}`,
    says: '1 gap in time, the first before line 12 of gap.csv: 2 rows were added; they are kept as missing.',
    line: 12,
    length: 17,
  },
  {
    file: 'back.csv',
    content: `date,a,b\n${rows(12)}${rows(2, 3)}`,
    says: '1 row does not come after the row before in time, the first at line 14 of back.csv',
    line: 14,
    length: 14,
  },
  {
    file: 'words.csv',
    content: 'a,kind\n1,x\n2,y\n3,z\n',
    says: 'Column "kind" of words.csv was left out: it holds words, not numbers.',
    line: 1,
    length: 3,
  },
  { file: 'headless.csv', content: '1,2\n3,4\n', says: 'headless.csv has no header line; its columns were numbered.', line: 1, length: 2 },
  { file: 'bom.txt', content: '\ufeffHello there\n', says: 'bom.txt starts with a byte order mark; it was left out.', byte: 1, length: 12 },
  { file: 'dos.txt', content: 'one\r\ntwo\r\n', says: '2 Windows line ends in dos.txt became plain line ends.', length: 8 },
  {
    file: 'latin.txt',
    content: Buffer.from('first\ncaf\xe9\n', 'latin1'),
    says: 'Byte 10 of latin.txt (line 2) is not UTF-8; the whole file was read as Latin-1',
    line: 2,
    byte: 10,
    length: 11,
  },
  {
    file: 'wide.txt',
    content: Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Grüße\n', 'utf16le')]),
    says: 'wide.txt is UTF-16; it is stored as UTF-8.',
    length: 6,
  },
  {
    file: 'many.txt',
    content: Array.from({ length: 300 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join(''),
    says: 'The text holds 300 different characters, more than 256; it is stored as bytes',
    length: 900,
  },
  {
    file: 'lies.wav',
    content: wav(sound, { size: 80_000 }),
    says: 'The header of lies.wav promises 80,000 bytes of sound (5 s), but the file ends after 800 (0.05 s), at byte 844; what is there was read.',
    byte: 41,
    length: 400,
  },
  {
    file: 'open.wav',
    content: wav(sound, { size: 0 }),
    says: 'The header of open.wav does not say how long the sound is; it was read to the end of the file (800 bytes).',
    length: 400,
  },
  {
    file: 'odd.wav',
    content: wav(sound.subarray(0, 401)),
    says: 'The end of odd.wav (1 byte) is less than one frame of 2 bytes; it was left out.',
    byte: 445,
    length: 200,
  },
  { file: 'stereo.wav', content: wav(sound, { channels: 2 }), says: 'The 2 channels of stereo.wav were averaged into one.', length: 200 },
  {
    file: 'nan.wav',
    content: wav(new Uint8Array(Float32Array.of(0.5, NaN, 0.25).buffer), { tag: 3, bits: 32 }),
    says: '1 sample of nan.wav is no finite number, read as silence.',
    length: 3,
  },
]

let project: TestProject
beforeAll(() => (project = testProject()))
afterAll(() => project.remove())

describe('refused, with nothing left behind', () => {
  it.each(refused)('$file: $says', async ({ file, content, options, code, says }) => {
    const before = listDatasets(project.store).length
    await expect(project.add(file, content, options)).rejects.toMatchObject({ code, message: expect.stringContaining(says) })
    expect(listDatasets(project.store)).toHaveLength(before)
    expect(all(project.store, `SELECT id FROM dataset WHERE state = 'importing'`)).toEqual([])
  })
})

describe('read, and told in the report', () => {
  it.each(told)('$file: $says', async ({ file, content, options, says, line, byte, length }) => {
    const detail = await project.add(file, content, options)
    const problem = detail.report.problems.find(({ message }) => message.includes(says))
    expect(problem ?? detail.report.problems).toMatchObject({ message: expect.stringContaining(says), file })
    if (line !== undefined) expect(problem!.line).toBe(line)
    if (byte !== undefined) expect(problem!.byte).toBe(byte)
    expect(detail.length).toBe(length)
  })
})
