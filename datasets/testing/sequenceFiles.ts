/** Sixteen bases with all four letters. */
export const bases = 'ACGTACGTACGGATTC'
/** A FASTQ record. */
export const read = (name: string, letters = bases, qualities = 'I'.repeat(letters.length), plus = '+'): string =>
  `@${name}\n${letters}\n${plus}\n${qualities}\n`

/** Lines of 60 bases in groups of ten, as the archives write them. */
export function flatLines(sequence: string, numbersFirst: boolean): string {
  return (sequence.match(/.{1,60}/g) ?? [])
    .map((line, i) => {
      const groups = line.match(/.{1,10}/g)!.join(' ')
      return numbersFirst
        ? `${String(i * 60 + 1).padStart(9)} ${groups}\n`
        : `     ${groups.padEnd(66)}${String(i * 60 + line.length).padStart(9)}\n`
    })
    .join('')
}
const notes =
  'DEFINITION  A test.\nACCESSION   X00001\nCOMMENT     LOCUS and ORIGIN in a comment.\n            ORIGIN\nFEATURES             Location/Qualifiers\n'
export const genbank = (
  sequence: string,
  { name = 'TEST1', stated = sequence.length, unit = 'bp', end = '//\n', origin = 'ORIGIN\n' } = {},
): string =>
  `LOCUS       ${name.padEnd(16)} ${String(stated).padStart(11)} ${unit}    DNA     linear   SYN 01-JAN-2026\n${notes}${origin}${flatLines(sequence.toLowerCase(), true)}${end}`
export const embl = (
  sequence: string,
  { id = `X56734; SV 1; linear; mRNA; STD; PLN; ${sequence.length} BP.`, end = '//\n' } = {},
): string =>
  `ID   ${id}\nXX\nAC   X56734; S46826;\nXX\nCC   SQ in a comment\nFT   source          1..9\nXX\nSQ   Sequence ${sequence.length} BP;\n${flatLines(sequence.toLowerCase(), false)}${end}`
