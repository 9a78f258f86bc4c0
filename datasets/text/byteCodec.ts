import { ONE_BY_ONE, type TokenCodec } from '../codec.ts'

/** UTF-8 bytes as they are: any text can be written and read, whatever the training data held. */
export const byteCodec: TokenCodec = {
  name: 'byte',
  vocab: 256,
  symbols: null,
  cut: ONE_BY_ONE,
  unitsOf: () => 1,
  encodeCells(cells, ids) {
    ids.set(cells)
    return cells.length
  },
  encode: (text) => Int32Array.from(Buffer.from(text, 'utf8')),
  decode: (ids) => Buffer.from(Uint8Array.from(ids)).toString('utf8'),
  toJSON: () => ({ kind: 'byte' }),
}
