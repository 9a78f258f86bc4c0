import { ONE_BY_ONE, type TokenCodec } from '../codec.ts'
import { StrandError } from '../errors.ts'

/** One id for each symbol of a list, in its order; at most 256, so a cell is one byte. */
function listedCodec(
  symbols: readonly string[],
  {
    name,
    split,
    between,
    missing,
  }: { name: 'char' | 'symbols'; split: (text: string) => Iterable<string>; between: string; missing: (symbol: string) => string },
): TokenCodec {
  const idOf = new Map(symbols.map((symbol, id) => [symbol, id]))
  return {
    name,
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
      for (const symbol of split(text)) {
        const id = idOf.get(symbol)
        if (id === undefined) throw new StrandError('bad-input', missing(symbol), { position: ids.length + 1 })
        ids.push(id)
      }
      return Int32Array.from(ids)
    },
    decode: (ids) => Array.from(ids, (id) => symbols[id]).join(between),
    toJSON: () => ({ kind: name, symbols: [...symbols] }),
  }
}

/** The characters (Unicode code points) that a text holds, in code point order. */
export const charCodec = (symbols: readonly string[]): TokenCodec =>
  listedCodec(symbols, {
    name: 'char',
    split: (text) => text,
    between: '',
    missing: (symbol) => `The character "${symbol}" does not occur in the data this model was trained on. Leave it out.`,
  })

/** The words of a fixed list; text is the words with blanks between. */
export const symbolCodec = (symbols: readonly string[]): TokenCodec =>
  listedCodec(symbols, {
    name: 'symbols',
    split: (text) => text.split(/\s+/).filter(Boolean),
    between: ' ',
    missing: (symbol) => `"${symbol}" is not a symbol of this task. Its symbols are ${symbols.slice(0, 12).join(' ')}.`,
  })
