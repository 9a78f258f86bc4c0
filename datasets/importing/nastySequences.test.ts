/** Sequences and annotations that users really drop, each with the sentence it must give. */
import { refuses, tells } from '../testing/nasty.ts'

const bases = 'ACGTACGTAC'.repeat(40)

refuses([
  { file: 'empty.fa', content: '', code: 'import/empty', says: 'empty.fa is empty (0 bytes). Choose a file with data in it.' },
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
])

tells([
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
])
