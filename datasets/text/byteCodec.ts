import type { TokenCodec } from '../codec.ts'

/** UTF-8 bytes as they are: any text can be written and read, whatever the training data held. */
export const byteCodec: TokenCodec = {
  name: 'byte',
  vocab: 256,
  symbols: null,
  encodeCells(cells, ids) {
    for (let i = 0; i < cells.length; i++) ids[i] = cells[i]
  },
  encode: (text) => Int32Array.from(Buffer.from(text, 'utf8')),
  decode: (ids) => Buffer.from(Uint8Array.from(ids)).toString('utf8'),
  toJSON: () => ({ kind: 'byte' }),
}
