/** What goes wrong with tables, series and texts: each input with the sentence it must give. A refusal leaves nothing. */
import { zip } from '../testing/archives.ts'
import { refuses } from '../testing/nasty.ts'
import { arff, edit, fixture, header, npy, ts, tsf } from '../testing/seriesFiles.ts'

refuses([
  {
    file: 'dimensions.ts',
    content: ts('1,2:3,4:a\n1,2:a\n', '@univariate false\n@dimensions 2\n@classLabel true a b'),
    says: 'Line 8 of dimensions.ts: it has 2 parts between colons where 3 are expected (2 dimensions and the label).',
  },
  {
    file: 'uneven.ts',
    content: ts('1,2:3,4,5:a\n', '@univariate false\n@dimensions 2\n@classLabel true a b'),
    says: 'Line 7 of uneven.ts: dimension 2 has 3 values where dimension 1 has 2.',
  },
  { file: 'label.ts', content: ts('1,2:a\n3,4:c\n'), says: 'Line 7 of label.ts: "c" is none of the classes the header lists.' },
  { file: 'word.ts', content: ts('1,two:a\n'), says: 'Line 6 of word.ts: "two" is not a number.' },
  {
    file: 'target.ts',
    content: ts('1,2:high\n', '@univariate true\n@targetLabel true'),
    says: 'Line 6 of target.ts: the target "high" is not a number.',
  },
  {
    file: 'nodata.ts',
    content: '@problemName x\n@univariate true\n1,2:a\n',
    code: 'import/lying-header',
    says: 'nodata.ts has no "@data" line within its first 38 bytes',
  },
  {
    file: 'frequency.tsf',
    content: tsf('a:2020-01-01 00-00-00:1,2\n', 'sometimes'),
    code: 'import/lying-header',
    says: 'Line 4 of frequency.tsf gives the frequency "sometimes", which Strand does not know.',
  },
  {
    file: 'start.tsf',
    content: tsf('a:yesterday:1,2\n'),
    says: 'Line 8 of start.tsf: "yesterday" is not a start time such as 1979-01-01 00-00-00.',
  },
  {
    file: 'novalues.tsf',
    content: tsf('a:2020-01-01 00-00-00\n'),
    says: 'Line 8 of novalues.tsf: it has 1 of 2 attributes and no values.',
  },
  {
    file: 'word.tsf',
    content: tsf('a:2020-01-01 00-00-00:1,x,3\n'),
    says: 'Line 8 of word.tsf: "x" is not a number (value 2 of the series).',
  },
  { file: 'short.arff', content: arff('1,2\n3\n5,6\n'), says: 'Line 7 of short.arff: it has 1 value where 2 attributes are declared.' },
  {
    file: 'type.arff',
    content: arff('1,2\n', '@attribute a numeric\n@attribute b quaternion'),
    code: 'import/lying-header',
    says: 'Line 4 of type.arff describes no attribute that Strand knows',
  },
  {
    file: 'sparse.arff',
    content: arff('{0 1, 9 2}\n{0 1}\n'),
    says: 'Line 6 of sparse.arff: "9 2" is no pair of an attribute\'s number and a value.',
  },
  {
    file: 'cut.npy',
    content: fixture('cube.npy').subarray(0, 1000),
    code: 'import/truncated',
    says: 'cut.npy is cut off: its header promises 300 numbers, and 218 are there.',
  },
  {
    file: 'structured.npy',
    content: npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }\n"),
    code: 'import/unknown-format',
    says: 'structured.npy is a structured array, with named fields of several types, which Strand does not read. Save it as CSV,',
  },
  {
    file: 'complex.npy',
    content: npy(header('<c8', '3,')),
    code: 'import/unknown-format',
    says: 'complex.npy holds numbers of the NumPy type "<c8", which Strand does not read.',
  },
  {
    file: 'four.npy',
    content: npy(header('<f4', '2, 2, 2, 2'), Buffer.alloc(64)),
    code: 'import/unknown-format',
    says: 'four.npy is an array of 4 axes; a series has one to three axes of numbers.',
  },
  {
    file: 'axes.npy',
    content: fixture('cube.npy'),
    options: { axes: 'time' },
    code: 'bad-input',
    says: 'axes.npy has 3 axes (4 × 25 × 3), and you chose time.',
  },
  {
    file: 'cut.parquet',
    content: fixture('series-zstd.parquet').subarray(0, 5000),
    code: 'import/truncated',
    says: 'cut.parquet is cut off: a Parquet file ends with "PAR1" and this one does not.',
  },
  {
    file: 'lies.parquet',
    content: edit('series-none.parquet', (bytes) => void bytes.writeUInt32LE(0x7fff_ffff, bytes.length - 8)),
    code: 'import/lying-header',
    says: 'lies.parquet says that its directory takes 2,147,483,647 bytes',
  },
  {
    file: 'page.parquet',
    content: edit('series-zstd.parquet', (bytes) => void bytes.fill(0xff, 60, 400)),
    code: 'import/truncated',
    says: 'page.parquet is a damaged Parquet file',
  },
  {
    file: 'cut.feather',
    content: fixture('series-lz4.feather').subarray(0, 2500),
    code: 'import/truncated',
    says: 'cut.feather is a damaged or cut off Arrow file',
  },
  {
    file: 'words.parquet',
    content: fixture('texts.parquet'),
    options: { domain: 'genomics' },
    code: 'import/unknown-format',
    says: 'words.parquet is a Parquet table without a column of sequences that Strand could read (its columns: text, label, score).',
  },
  {
    file: 'signals.edf',
    content: edit('night.edf', (bytes) => void bytes.write('9   ', 252, 'latin1')),
    code: 'import/lying-header',
    says: 'The header of signals.edf claims to take 1,024 bytes, and 9 signals take 2,560 (byte 185).',
  },
  {
    file: 'scale.edf',
    content: edit('night.edf', (bytes) => void bytes.write('-32768  ', 256 + 3 * (16 + 80 + 8 + 8 + 8 + 8), 'latin1')),
    code: 'import/lying-header',
    says: 'gives signal 1 ("EEG Fpz-Cz") the same digital minimum and maximum, -32768',
  },
  {
    file: 'header.edf',
    content: fixture('night.edf').subarray(0, 700),
    code: 'import/truncated',
    says: 'header.edf ends at byte 700, inside its header.',
  },
  {
    file: 'bad.jsonl',
    content: '{"text": "one text that is long enough"}\n{"text": "another text that is long"}\n{"text": "a third\n',
    says: 'Line 3 of bad.jsonl is not valid JSON ("{"text": "a third").',
  },
  {
    file: 'cut.json',
    content: '[{"text": "one text that is long enough"},\n {"text": "another one of them',
    code: 'import/truncated',
    says: 'cut.json is cut off: its list is never closed (the last record begins in line 2).',
  },
  {
    file: 'turns.csv',
    content: `id,date,y\n${['A', 'B', 'A'].flatMap((id, part) => Array.from({ length: 300 }, (_, i) => `${id},${new Date(i * 864e5 + (part === 2 ? 1e12 : 0)).toISOString().slice(0, 10)},${i}`)).join('\n')}\n`,
    says: 'Line 602 of turns.csv goes back to "A", whose rows had ended.',
  },
  {
    file: 'uneven.csv',
    content: `date,y\n${Array.from({ length: 20 }, (_, i) => `2020-01-01 ${String(i).padStart(2, '0')}:${i === 9 ? '20' : '00'}:00,${i}`).join('\n')}\n`,
    options: { missing: 'stop' },
    says: 'Line 11 of uneven.csv does not keep the step in time of the rows before, and you chose to stop at missing values.',
  },
  {
    file: 'zeros.csv',
    content: Buffer.from('a,b\n1,2\n3,4\n', 'utf-16le'),
    options: { encoding: 'utf-8' },
    code: 'import/unknown-format',
    says: 'zeros.csv holds binary data (a zero byte at byte 2, line 1)',
  },
  {
    file: 'sheet.xlsx',
    content: zip([
      { name: 'xl/workbook.xml', content: '<workbook><sheets><sheet name="A" r:id="r1"/></sheets></workbook>' },
      { name: 'xl/_rels/workbook.xml.rels', content: '<Relationships><Relationship Id="r1" Target="worksheets/a.xml"/></Relationships>' },
      { name: 'xl/worksheets/a.xml', content: '<worksheet><row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>' },
    ]),
    code: 'import/truncated',
    says: 'sheet.xlsx is a damaged workbook: its sheet ends after row 1, without an end mark.',
  },
  {
    file: 'links.xlsx',
    content: zip([{ name: 'xl/workbook.xml', content: '<workbook/>' }]),
    code: 'import/truncated',
    says: 'links.xlsx is a damaged workbook: it has no list of sheets.',
  },
  {
    file: 'old.feather',
    content: 'FEA1....................',
    code: 'import/unknown-format',
    says: 'old.feather is a Feather table of version 1, which Strand does not read.',
  },
  {
    file: 'matrix.mat',
    content: 'MATLAB 5.0 MAT-file, Platform: GLNXA64',
    code: 'import/unknown-format',
    says: 'matrix.mat is a MATLAB file, which Strand does not read.',
  },
  {
    file: 'table.csv',
    content: fixture('cube.npy'),
    options: { domain: 'text' },
    code: 'import/unknown-format',
    says: 'table.csv is a table of numbers (NPY) and cannot be imported as text.',
  },
])
