import type { Detected } from '../importing/detect.ts'

const LOOKED_AT = 65_536

/** Which format of sequences a text is in, told from its first lines; null when it is none. `wanted`: anything else is read as FASTA. */
export function detectSequences(text: string, wanted: boolean): Pick<Detected, 'format' | 'reason' | 'proteins'> | null {
  const start = text.slice(0, LOOKED_AT).trimStart()
  const annotation = detectAnnotation(start, wanted)
  if (annotation) return annotation
  if (looksLikeGenBank(start)) return { format: 'GenBank', reason: 'It starts with a LOCUS line.' }
  if (looksLikeEmbl(start)) return { format: 'EMBL', reason: 'It starts with an ID line, as EMBL files do.' }
  if (looksLikeFastq(start)) return { format: 'FASTQ', reason: 'It starts with "@", a read and its qualities.' }
  if (start.startsWith('>') && (wanted || looksLikeFasta(start)))
    return holdsProteins(start)
      ? { format: 'FASTA', reason: 'It starts with ">" and lines of amino acids follow.', proteins: true }
      : { format: 'FASTA', reason: 'It starts with ">" and lines of sequence follow.' }
  if (wanted || looksLikeFasta(start)) return { format: 'FASTA', reason: 'It holds nothing but nucleotide letters.' }
  return null
}

/** GFF3, GTF and VCF say what they are. BED does not: a name as sequences have it, and two places. */
function detectAnnotation(start: string, wanted: boolean): Pick<Detected, 'format' | 'reason'> | null {
  if (/^##gff-version\s+3/i.test(start)) return { format: 'GFF3', reason: 'It starts with ##gff-version 3.' }
  if (/^##fileformat=VCF/.test(start)) return { format: 'VCF', reason: 'It starts with ##fileformat=VCF.' }
  if (/^(?:#[^\n]*\n)*(?:[^\t\n]+\t){3}\d+\t\d+\t[^\t\n]*\t[^\t\n]*\t[^\t\n]*\t[^\n]*\bgene_id "/.test(start))
    return { format: 'GTF', reason: 'Its lines have the nine columns of GTF, with gene_id.' }
  // blank lines in one way only: were a line end also blank space, a hundred of them could be read in 2¹⁰⁰ ways
  const bed = /^(?:(?:track|browser|#)[^\n]*\n|[^\S\n]*\n)*(\S+)[\t ]+\d+[\t ]+\d+(?=\s|$)/.exec(start)
  if (!bed || !(wanted || /^(chr|scaffold|contig|ctg|N[CTWZG]_|NZ_)/i.test(bed[1]))) return null
  return { format: 'BED', reason: `Its first line names a stretch of "${bed[1]}".` }
}

/** The files of a GenBank release have a title page above the first record. */
function looksLikeGenBank(start: string): boolean {
  const locus = /^(?:.*Genetic Sequence Data Bank[^]*?^)?LOCUS {2,}\S.*$/m.exec(start)
  if (!locus || locus.index > 0) return false
  return /\s\d+\s+(?:bp|aa|rc)\b/i.test(locus[0]) || /^(?:DEFINITION|ACCESSION|VERSION|FEATURES|ORIGIN)\b/m.test(start)
}

function looksLikeEmbl(start: string): boolean {
  const id = /^ID {3}\S.*/.exec(start)
  return id !== null && (/\s\d+\s+(?:BP|AA)\.?\s*$/i.test(id[0]) || /^(?:XX|(?:AC|DE|DT|OS|FT|SQ) {3}.*)\r?$/m.test(start))
}

/** "@name", then a read: letters up to a "+", or (the record may be broken) a long enough stretch of nothing but nucleotides. */
function looksLikeFastq(start: string): boolean {
  if (!start.startsWith('@')) return false
  const lines = start.split('\n', 200).map((line) => line.trimEnd())
  if (lines.length < 2) return false
  if (/^[ACGTUN.]{10,}$/i.test(lines[1])) return true
  const plus = lines.findIndex((line) => line.startsWith('+'))
  return plus >= 2 && lines.slice(1, plus).every((line) => /^[A-Za-z.*-]*$/.test(line))
}

/** Whole lines of residues, some of which are no IUPAC code of bases. */
function holdsProteins(start: string): boolean {
  const body = start.split('\n', 400).filter((line) => !/^[>;]/.test(line))
  const letters = body.join('').replace(/\s/g, '')
  const nucleotides = letters.replace(/[^ACGTUN]/gi, '').length
  return /[EFILPQ]/i.test(letters) && /^[A-Z*]+$/i.test(letters) && nucleotides < 0.8 * letters.length
}

/** A header and lines without blanks that are mostly sequence letters; or, without a header, nothing but nucleotides. */
function looksLikeFasta(text: string): boolean {
  const lines = text.split('\n').map((line) => line.trim())
  const filled = lines.filter((line) => line !== '' && !line.startsWith(';'))
  if (filled.length === 0) return false
  const body = filled.filter((line) => !line.startsWith('>'))
  if (filled[0].startsWith('>')) {
    const sample = body.slice(0, 50)
    const letters = sample.join('').replace(/[\s\d]/g, '')
    const nucleotides = letters.replace(/[^ACGTUN]/gi, '').length
    if (letters.length === 0 || nucleotides >= 0.9 * letters.length) return true
    // protein, or an alignment: still sequences, for the importer to say so; quoted prose has blanks between words
    const worded = sample.filter((line) => /\w \w/.test(line)).length
    return letters.replace(/[^A-Za-z*.-]/g, '').length >= 0.9 * letters.length && worded <= sample.length / 2
  }
  const letters = body.join('')
  return letters.length >= 20 && /^[ACGTUNacgtun]+$/.test(letters)
}
