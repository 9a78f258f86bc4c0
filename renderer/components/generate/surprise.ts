export interface ShadedToken {
  text: string
  bits: number | null
}

/** Characters of the stream with the bits each cost. Bytes are joined to their character; when the counts do not match, nothing is shaded. */
export function shadeTokens(text: string, bits: readonly number[]): ShadedToken[] {
  const characters = [...text]
  if (characters.length === bits.length) return characters.map((character, i) => ({ text: character, bits: bits[i] }))
  const encoder = new TextEncoder()
  const lengths = characters.map((character) => encoder.encode(character).length)
  if (lengths.reduce((sum, length) => sum + length, 0) !== bits.length)
    return characters.map((character) => ({ text: character, bits: null }))
  let at = 0
  return characters.map((character, i) => {
    const own = bits.slice(at, at + lengths[i])
    at += lengths[i]
    return { text: character, bits: own.reduce((sum, value) => sum + value, 0) }
  })
}

/** Bits → 0 … 42 %: eight bits, one byte's worth, is as dark as it gets. */
export const shadePercent = (bits: number): number => Math.round(Math.min(1, bits / 8) * 42)

/** Neighbours of the same shade in one piece: a tenth of the elements. */
export function joinShades(tokens: readonly ShadedToken[]): { text: string; shade: number }[] {
  const pieces: { text: string; shade: number }[] = []
  for (const token of tokens) {
    const shade = token.bits === null || token.text === '\n' ? 0 : shadePercent(token.bits) - (shadePercent(token.bits) % 3)
    const last = pieces.at(-1)
    if (last && last.shade === shade) last.text += token.text
    else pieces.push({ text: token.text, shade })
  }
  return pieces
}
