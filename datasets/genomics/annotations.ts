/** A stretch of a sequence that another file holds. */
export interface Region {
  /** As the annotation names it: "chr1" or "1". */
  sequence: string
  /** From 0; `end` is not part of it. */
  start: number
  end: number
  reverse: boolean
  name: string | null
  label: string | null
  /** BED12: parts of it, from its own start on. */
  blocks: [start: number, length: number][] | null
  line: number
}

/** A place where a sequence differs. */
export interface Variant {
  sequence: string
  /** From 0: the first base of `ref`. */
  position: number
  id: string | null
  ref: string
  alts: string[]
  line: number
}

export type AnnotationFormat = 'BED' | 'GFF3' | 'GTF' | 'VCF'

/** What a line of an annotation says: a region or a variant, a fault in it, the beginning of sequences (GFF3), or nothing of interest. */
export type AnnotationLine =
  { region: Region } | { variant: Variant } | { fault: string } | { passed: string } | { sequencesFollow: true } | null

const whole = (text: string): number | null => (/^\d+$/.test(text) ? Number(text) : null)

/** BED (the UCSC browser's format): 3 to 12 columns, places from 0, the end not included. */
export function readBedLine(text: string, line: number): AnnotationLine {
  if (text.trim() === '' || /^(#|track\b|browser\b)/.test(text)) return null
  const fields = text.split(text.includes('\t') ? '\t' : /\s+/)
  if (fields.length < 3) return { fault: `has ${fields.length} of the 3 columns a BED line needs (sequence, start, end)` }
  const [start, end] = [whole(fields[1]), whole(fields[2])]
  if (start === null || end === null) return { fault: `has "${start === null ? fields[1] : fields[2]}" where a whole number belongs` }
  if (end <= start) return { fault: `has a region that ends at ${fields[2]}, not after its start ${fields[1]}` }
  const strand = fields[5] ?? '.'
  if (!['+', '-', '.'].includes(strand)) return { fault: `has "${strand}" for a strand, which is "+", "-" or "."` }
  const name = fields[3] && fields[3] !== '.' ? fields[3] : null
  let blocks: Region['blocks'] = null
  if (fields.length >= 12) {
    const numbers = (column: string): (number | null)[] => column.split(',').filter(Boolean).map(whole)
    const [sizes, starts] = [numbers(fields[10]), numbers(fields[11])]
    if (sizes.length !== starts.length || sizes.length !== whole(fields[9]) || [...sizes, ...starts].includes(null))
      return { fault: `claims ${fields[9]} blocks, with ${sizes.length} sizes and ${starts.length} starts` }
    blocks = starts.map((from, i) => [from!, sizes[i]!])
    if (blocks.some(([from, length]) => from + length > end - start)) return { fault: 'has a block that reaches beyond its region' }
  }
  return { region: { sequence: fields[0], start, end, reverse: strand === '-', name, label: name, blocks, line } }
}

/** Features that are the sequence itself. */
const WHOLE_SEQUENCE = new Set(['region', 'chromosome', 'contig', 'scaffold', 'supercontig', 'source', 'databank_entry', 'match'])

/**
 * GFF3 (Stein 2020, version 1.26) and GTF (2.2), which differ in the last column: places from 1, the end included. `types`: the feature types to keep; null for all that are parts of
 * a sequence.
 */
export function readGffLine(text: string, line: number, types: ReadonlySet<string> | null): AnnotationLine {
  if (/^##FASTA/i.test(text) || text.startsWith('>')) return { sequencesFollow: true }
  if (text.trim() === '' || text.startsWith('#')) return null
  const fields = text.split('\t')
  // the last column may hold tabs that should have been written %09
  if (fields.length < 9) return { fault: `has ${fields.length} of the 9 columns of GFF, which tabs divide` }
  const [sequence, , type, from, to, , strand] = fields
  if (types ? !types.has(type) : WHOLE_SEQUENCE.has(type)) return { passed: type }
  const [first, last] = [whole(from), whole(to)]
  if (first === null || last === null || first < 1)
    return { fault: `has "${first === null || first < 1 ? from : to}" where a place from 1 on belongs` }
  if (last < first) return { fault: `has a feature that ends at ${to}, before its start ${from}` }
  if (!['+', '-', '.', '?'].includes(strand)) return { fault: `has "${strand}" for a strand, which is "+", "-", "." or "?"` }
  const attributes = fields.slice(8).join('\t')
  const name = nameIn(attributes)
  return {
    region: {
      sequence: unescaped(sequence),
      start: first - 1,
      end: last,
      reverse: strand === '-',
      name: name && unescaped(name),
      label: unescaped(type),
      blocks: null,
      line,
    },
  }
}

/** Name and ID in GFF3, transcript or gene in GTF. */
function nameIn(attributes: string): string | null {
  for (const pattern of [/(?:^|;)\s*Name=([^;]*)/, /(?:^|;)\s*ID=([^;]*)/, /\btranscript_id "([^"]+)"/, /\bgene_id "([^"]+)"/]) {
    const found = pattern.exec(attributes)
    if (found) return found[1]
  }
  return null
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** VCF (4.1 to 4.4): places from 1. Alleles that are no bases (symbolic, breakends, "*") are passed over. */
export function readVcfLine(text: string, line: number): AnnotationLine {
  if (text.trim() === '' || text.startsWith('#')) return null
  const fields = text.split('\t')
  if (fields.length < 5) return { fault: `has ${fields.length} of the 8 columns of VCF, which tabs divide` }
  const [sequence, place, id, ref, alt] = fields
  const position = whole(place)
  if (position === null || position < 1) return { fault: `has "${place}" where a place from 1 on belongs` }
  if (!/^[ACGTN]+$/i.test(ref)) return { fault: `has "${ref.slice(0, 20)}" as its reference, which is not bases` }
  const alts = alt.split(',').filter((allele) => /^[ACGTN]+$/i.test(allele))
  if (alts.length === 0) return { passed: alt === '.' ? 'no variant' : 'symbolic allele' }
  return {
    variant: {
      sequence,
      position: position - 1,
      id: id === '.' ? null : id,
      ref: ref.toUpperCase(),
      alts: alts.map((allele) => allele.toUpperCase()),
      line,
    },
  }
}
