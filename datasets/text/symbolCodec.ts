import { ONE_BY_ONE, type TokenCodec } from '../codec.ts'
import { StrandError } from '../errors.ts'

/** One id for each word of a fixed list; text is the words with blanks between. */
export function symbolCodec(symbols: readonly string[]): TokenCodec {
  const idOf = new Map(symbols.map((symbol, id) => [symbol, id]))
  return {
    name: 'symbols',
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
      for (const word of text.split(/\s+/).filter(Boolean)) {
        const id = idOf.get(word)
        if (id === undefined)
          throw new StrandError('bad-input', `"${word}" is not a symbol of this task. Its symbols are ${symbols.slice(0, 12).join(' ')}.`, {
            position: ids.length + 1,
          })
        ids.push(id)
      }
      return Int32Array.from(ids)
    },
    decode: (ids) => Array.from(ids, (id) => symbols[id]).join(' '),
    toJSON: () => ({ kind: 'symbols', symbols: [...symbols] }),
  }
}
