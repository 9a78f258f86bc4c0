/** Files of any kind, tables and texts that users really drop, each with the sentence it must give. */
import { gzipSync } from 'node:zlib'
import { refuses, tells } from '../testing/nasty.ts'

const bases = 'ACGTACGTAC'.repeat(40)
const rows = (n: number, from = 0): string =>
  Array.from({ length: n }, (_, i) => `2020-01-${String(from + i + 1).padStart(2, '0')},${i}.5,${i * 2}\n`).join('')
const png = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1')
const gz = gzipSync(`>a\n${bases}\n`)
const noise = Buffer.alloc(40_000)
for (let i = 0, x = 1; i < noise.length; i++) noise[i] = (x = Math.imul(x, 1_103_515_245) + 12_345) >>> 24

refuses([
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
])

tells([
  {
    file: 'japanese.txt',
    content: Buffer.from(
      '82b182ea82cd93fa967b8cea82cc95b68fcd82c582b781428de193fa82cd935682c982a882a282c8814282b182ea82cd93fa967b8cea82c5',
      'hex',
    ),
    says: 'Byte 1 of japanese.txt (line 1) is not UTF-8; the whole file was read as Shift JIS (Japanese).',
    byte: 1,
    line: 1,
    length: 28,
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
    says: 'Column "b" of nan.csv: 1 of 3 values is missing; it is kept as missing.',
    length: 3,
  },
  { file: 'inf.csv', content: 'a,b\n1,2\n3,inf\n4,6\n', says: 'column "b": an infinite value is kept as missing.', line: 3, length: 3 },
  {
    file: 'gap.csv',
    content: `date,a,b\n${rows(10)}${rows(5, 12)}`,
    says: '1 gap in time, before line 12 of gap.csv: 2 rows were added; they are kept as missing.',
    line: 12,
    length: 17,
  },
  {
    file: 'back.csv',
    content: `date,a,b\n${rows(12)}${rows(2, 3)}`,
    says: '1 row does not come after the row before in time, at line 14 of back.csv',
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
])
