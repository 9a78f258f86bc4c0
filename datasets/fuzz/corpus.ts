import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { zip } from '../testing/archives.ts'
import { wav } from '../testing/project.ts'

export interface Seed {
  name: string
  bytes: Buffer
}

/** Larger fixtures are cut: a mutation near the start says as much, and cases stay short. */
const MOST_BYTES = 65_536
const NO_DATA = /\.(md|sh|py|json)$/

/** Small files of each text format, beside what lies in the fixtures. */
const WRITTEN: Record<string, string> = {
  'two.fa': '>chr1 a genome\nACGTNNRYacgt\nACGT\n>chr2\nGGGCCC\n;old comment\n>empty\n>chr3\nACGU-ACGT*\n',
  'protein.faa': '>sp|P1\nMKVLAARRLLQEWFPHDYSTNGCI*\n>sp|P2\nMMMKKKLLL\n',
  'reads.fastq': '@r1 lane\nACGTN\n+\nIIIII\n@r2\nAC\nGT\n+r2\n@+\n>!\n@r3\n\n+\n\n',
  'record.gb':
    'LOCUS       X 24 bp    DNA     circular BCT 01-JAN-2026\nDEFINITION  thing.\nACCESSION   X1\nVERSION     X1.2\nFEATURES             Location/Qualifiers\n     source          1..24\n     CDS             complement(join(2..8,10..16))\n                     /gene="a"\n                     /note="two\n                     lines"\nORIGIN\n        1 acgtacgtac gtacgtacgt acgt\n//\n',
  'record.embl':
    'ID   X1; SV 1; linear; genomic DNA; STD; PRO; 24 BP.\nAC   X1;\nDE   thing\nFH   Key             Location/Qualifiers\nFT   CDS             2..8\nFT                   /gene="a"\nSQ   Sequence 24 BP; 6 A; 6 C; 6 G; 6 T; 0 other;\n     acgtacgtac gtacgtacgt acgt                                               24\n//\n',
  'hourly.csv': 'date,a,b\n2020-01-01 00:00:00,1.5,2\n2020-01-01 01:00:00,,3e5\n2020-01-01 02:00:00,-0.5,NaN\n2020-01-01 03:00:00,7,"8"\n',
  'logger.csv': 'Station: Oslo\nExported, 2024-05-01\n\nTime (s),a,b\n0,$1.50,12 %\n0.5,"$1,234.50",13 %\n1,$3,14 %\n',
  'bank.csv': '"Country","2000","2001","2002","2003"\n"Aruba",1,2,,4\n"Benin",5,6,7,8\n"Chad",1.5,2,3,4\n',
  'german.csv': 'Zeit;Wert;Rest\n01.02.2020 10:00;1,5;-2,25\n01.02.2020 11:00;1.234,5;0\n01.02.2020 12:00;;3\n',
  'tabs.tsv': '# a note\nt\tx\ty\n0\t1\t2\n1\t3\t4\n2\t5\t6\n',
  'plain.txt': 'First line.\r\nSecond — with dashes, é and 🙂.\n\n\tA third.\n',
  'regions.bed': 'track name=x\nchr1\t10\t20\tone\t0\t+\nchr2\t5\t9\ttwo\t3\t-\n',
  'variants.vcf': '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr1\t5\t.\tA\tT\t9\tPASS\t.\n',
  'genes.gff3': '##gff-version 3\nchr1\tx\tgene\t2\t9\t.\t+\t.\tID=g1;Name=a\n',
  'weather.arff': '@relation w\n@attribute a numeric\n@attribute class {yes,no}\n@data\n1.5,yes\n?,no\n',
  'problem.ts': '@problemName x\n@timeStamps false\n@univariate true\n@classLabel true 1 2\n@data\n1.0,2.0,3.0:1\n4.0,5.0,6.0:2\n',
  'series.tsf': '@relation x\n@attribute series_name string\n@frequency daily\n@horizon 3\n@data\nT1:1,2,3,4,5\nT2:6,?,8\n',
  'chats.jsonl':
    '{"id":"a","messages":[{"role":"user","content":"one"},{"role":"assistant","content":[{"type":"text","text":"two"}]}]}\n{"id":"b","messages":[]}\n',
  'newest.csv': 'date,a,b\n2020-01-04,1.5,2\n2020-01-03,,3e5\n2020-01-02,-0.5,NaN\n2020-01-01,7,8\n',
  'stamps.ts': '@problemName x\n@timeStamps true\n@univariate true\n@classLabel true 1 2\n@data\n(0,1.0),(2,2.0):1\n(0,4.0),(1.5,?):2\n',
  'lines.jsonl': '{"text":"one","label":"a"}\n{"text":"two \\u00e9","label":"b"}\n',
}

/** Everything a mutation starts from. Every fixture that is committed anywhere under `datasets` is in it, so that a new parser is fuzzed by having one. */
export function corpus(): Seed[] {
  const root = join(import.meta.dirname, '..')
  const folders = readdirSync(root, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name === 'fixtures',
  )
  const fixtures = folders.flatMap(({ parentPath, name }) => files(join(parentPath, name)))
  const seeds = fixtures.map((path) => ({
    name: relative(root, path).replaceAll('\\', '/'),
    bytes: readFileSync(path).subarray(0, MOST_BYTES),
  }))
  const written = Object.entries(WRITTEN).map(([name, text]) => ({ name, bytes: Buffer.from(text) }))
  const made: Seed[] = [
    { name: 'tone.wav', bytes: wav(Buffer.from(Int16Array.from({ length: 400 }, (_, i) => 9000 * Math.sin(i / 5)).buffer)) },
    {
      name: 'float.wav',
      bytes: wav(Buffer.from(Float32Array.from({ length: 200 }, (_, i) => Math.sin(i / 5)).buffer), { tag: 3, bits: 32 }),
    },
    { name: 'two.fa.gz', bytes: gzipSync(WRITTEN['two.fa']) },
    {
      name: 'arrays.zip',
      bytes: zip([{ name: 'a.npz', content: readFileSync(join(import.meta.dirname, '../tables/fixtures/sets.npz')) }]),
    },
    { name: 'utf16.csv', bytes: Buffer.from(`\ufeff${WRITTEN['hourly.csv']}`, 'utf16le') },
  ]
  return [...seeds, ...written, ...made].sort((a, b) => (a.name < b.name ? -1 : 1))
}

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !NO_DATA.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path).size > 0)
