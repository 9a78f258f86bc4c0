import { ONE_BY_ONE, type TokenCodec } from '../codec.ts'
import { StrandError } from '../errors.ts'

/** One id for each character (Unicode code point) the text holds, in code point order; at most 256, so a cell is one byte. */
export function charCodec(symbols: readonly string[]): TokenCodec {
  const idOf = new Map(symbols.map((symbol, id) => [symbol, id]))
  return {
    name: 'char',
    vocab: symbols.length,
    symbols,
    cut: ONE_BY_ONE,
    unitsOf: () => 1,
    encodeCells(cells, ids) {
      ids.set(cells)
      return cells.length
    },
    encode(text) {
      const ids: number[] = []
      for (const symbol of text) {
        const id = idOf.get(symbol)
        if (id === undefined)
          throw new StrandError(
            'bad-input',
            `The character "${symbol}" does not occur in the data this model was trained on. Leave it out.`,
            { position: ids.length + 1 },
          )
        ids.push(id)
      }
      return Int32Array.from(ids)
    },
    decode(ids) {
      let text = ''
      for (let i = 0; i < ids.length; i++) text += symbols[ids[i]]
      return text
    },
    toJSON: () => ({ kind: 'char', symbols: [...symbols] }),
  }
}
