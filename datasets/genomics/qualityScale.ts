/** The characters tell the scale: below ";" only Phred+33 exists; from "@" to "i" and past "J" it is Phred+64 (Illumina 1.3 to 1.7). */
export function describeQualities(lowest: number, highest: number): { name: string; offset: 33 | 64 } {
  const phred = (offset: 33 | 64): { name: string; offset: 33 | 64 } => ({
    name: `Phred+${offset}, from ${lowest - offset} to ${highest - offset}`,
    offset,
  })
  if (lowest < 0x3b || highest <= 0x4a || highest > 0x69) return phred(33)
  return lowest < 0x40 ? { name: `Solexa+64, from ${lowest - 64} to ${highest - 64}`, offset: 64 } : phred(64)
}
