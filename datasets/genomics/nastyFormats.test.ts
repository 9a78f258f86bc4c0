/** FASTQ, GenBank and EMBL that cannot be read, each with the sentence it must give. */
import { gzipSync } from 'node:zlib'
import { refuses } from '../testing/nasty.ts'
import { bases, embl, genbank, read } from '../testing/sequenceFiles.ts'

refuses([
  {
    file: 'cut1.fastq',
    content: `${read('a')}@b\nACGTAC`,
    says: 'cut1.fastq is cut off: it ends in record "b" of line 5, before its "+" line.',
  },
  {
    file: 'cut2.fastq',
    content: `${read('a')}@b\nACGTAC\n+\nIII`,
    says: 'cut2.fastq is cut off: it ends in record "b" of line 5, after 3 of 6 qualities.',
  },
  {
    file: 'cut3.fastq.gz',
    content: gzipSync(read('a').repeat(50)).subarray(0, -12),
    code: 'import/truncated',
    says: 'cut3.fastq.gz is cut off: its compressed data ends in the middle at byte',
  },
  {
    file: 'plus.fastq',
    content: `${read('a')}@b\n${bases}\nIIIIIIIIIIIIIIII\n${read('c')}`,
    says: 'Record "b" at line 5 of plus.fastq has no "+" line; line 8 starts the next record.',
  },
  {
    file: 'short.fastq',
    content: read('a') + read('b', bases, 'IIII') + read('c'),
    says: 'Record "b" at line 5 of short.fastq has 16 bases but 4 qualities.',
  },
  {
    file: 'long.fastq',
    content: read('a', bases, `${'@'.repeat(17)}`) + read('b'),
    says: 'Record "a" at line 1 of long.fastq has 16 bases but 17 qualities.',
  },
  {
    file: 'mixed.fastq',
    content: read('a', bases, undefined, '+b'),
    says: 'Record "a" at line 1 of mixed.fastq is called "b" in its "+" line 3: lines are missing or mixed up.',
  },
  {
    file: 'letter.fastq',
    content: read('a') + read('b', 'ACGTEACGT'),
    says: 'Line 6 of letter.fastq (record "b") holds "E", which is no nucleotide letter; it looks like protein',
  },
  {
    file: 'quality.fastq',
    content: read('a', 'ACGT', 'II\x7fI'),
    says: 'Line 4 of quality.fastq (record "a") holds byte 0x7f, which is no quality.',
  },
  {
    file: 'stray.fastq',
    content: `${read('a')}>b\n${bases}\n`,
    says: 'Line 5 of stray.fastq should start a record with "@", but holds ">".',
  },
  {
    file: 'control.fastq',
    content: read('a') + read('b', 'ACG\x02T', 'IIIII'),
    says: 'control.fastq holds a control character (value 2) at byte',
  },
  {
    file: 'empty-read.fastq',
    content: '@a\n\n+\n\n',
    code: 'import/empty',
    says: 'Nothing in empty-read.fastq could be imported. Record "a" at line 1 of empty-read.fastq has no bases; it was left out.',
  },
  {
    file: 'protein.gb',
    content: genbank('meecwvteia', { unit: 'aa', name: 'NP_001832' }),
    says: 'Record "NP_001832" at line 1 of protein.gb is a protein (10 aa); Strand reads DNA and RNA here.',
  },
  {
    file: 'protein.embl',
    content: 'ID   CYC_BOVIN               Reviewed;         104 AA.\nAC   P62894;\nSQ   SEQUENCE   104 AA;\n     GDVEKGKKIF\n//\n',
    says: 'Record "CYC_BOVIN" at line 1 of protein.embl is a protein (104 aa); Strand reads DNA and RNA here.',
  },
  {
    file: 'origin.gb',
    content: genbank('', { stated: 500, origin: '' }),
    code: 'import/empty',
    says: 'Record "TEST1" at line 1 of origin.gb has no sequence (no ORIGIN line). It was left out.',
  },
  {
    file: 'contig.gb',
    content: genbank('', { stated: 500, origin: 'CONTIG      join(AB1.1:1..500)\n' }),
    code: 'import/empty',
    says: 'Record "TEST1" at line 1 of contig.gb only lists the parts it is made of (CONTIG line); download it with its sequence. It was left out.',
  },
  {
    file: 'no-bases.gb',
    content: genbank('', { stated: 0 }),
    code: 'import/empty',
    says: 'Record "TEST1" at line 1 of no-bases.gb has no bases; it was left out.',
  },
  {
    file: 'cut.gb',
    content: genbank(bases, { stated: 5386, end: '' }),
    says: 'Record "TEST1" at line 1 of cut.gb is cut off: it states 5,386 bp, but ends after 16 without "//".',
  },
  {
    file: 'head.gb',
    content: 'LOCUS       NC_001422   5386 bp\n',
    says: 'Record "NC_001422" at line 1 of head.gb is cut off: it ends before its sequence, in line 2.',
  },
  {
    file: 'middle.gb',
    content: genbank(bases, { stated: 20, end: '' }) + genbank(bases, { name: 'TEST2' }),
    says: 'Record "TEST1" at line 1 of middle.gb is cut off: it states 20 bp, but ends after 16 without "//".',
  },
  {
    file: 'letter.gb',
    content: genbank(`${bases}?${bases}`),
    says: 'Line 8 of letter.gb (record "TEST1") holds "?", which is no nucleotide letter.',
  },
  {
    file: 'cut.embl',
    content: embl(bases, { id: 'X1; SV 1; linear; mRNA; STD; PLN; 1859 BP.', end: '' }),
    says: 'Record "X1" at line 1 of cut.embl is cut off: it states 1,859 bp, but ends after 16 without "//".',
  },
])
