import { expect, test } from 'vitest'
import { layersAsText, parseLayers, writeLayers } from './layers.ts'

test.each([
  ['4×mamba', ['mamba', 'mamba', 'mamba', 'mamba']],
  ['mamba', ['mamba']],
  ['2xmamba, attention', ['mamba', 'mamba', 'attention']],
  ['2 x mamba,1*s4d', ['mamba', 'mamba', 's4d']],
  ['2×(mlstm, 1×slstm)', ['mlstm', 'slstm', 'mlstm', 'slstm']],
  ['Mamba2', ['mamba2']],
  ['xLSTM[2:1]', ['mlstm', 'mlstm', 'slstm']],
  ['2xxlstm[1:1], attention', ['mlstm', 'slstm', 'mlstm', 'slstm', 'attention']],
  ['xlstm[0:1]', ['slstm']],
])('%s', (pattern, layers) => expect(parseLayers(pattern)).toEqual(layers.map((mixer) => ({ mixer, own: {} }))))

test.each([
  ['', 'it ends too early'],
  ['4', 'it ends too early'],
  ['4 mamba', '"mamba" is not expected there'],
  ['mamba,', 'it ends too early'],
  ['xlstm[7]', '"]" is not expected there'],
  ['xlstm[7:1', 'it ends too early'],
  ['xlstm[0:0]', 'name no layer'],
  ['xlstm[200:100]', 'more than 256'],
  ['mamba[7:1]', '"[" is not expected there'],
  ['2×(mamba', 'it ends too early'],
  ['mamba)', '")" is not expected there'],
  ['0×mamba', '1 to 256 are possible'],
  ['200×(2×mamba)', 'more than 256'],
  ['mamba; attention', '";" is not expected there'],
])('"%s" is refused: %s', (pattern, reason) => expect(() => parseLayers(pattern)).toThrow(reason))

const wide = { mixer: 'attention', own: { n_heads: 4, window: 64, rope: false } }
const mamba = { mixer: 'mamba', own: {} }

test('a layer carries options of its own', () => {
  expect(parseLayers('2×mamba, attention{n_heads: 4, window=64, rope: false}')).toEqual([mamba, mamba, wide])
  expect(parseLayers('2x(mamba, s4d{init: lin})')[3]).toEqual({ mixer: 's4d', own: { init: 'lin' } })
  expect(() => parseLayers('attention{4}')).toThrow('"4" is no option of a layer in {4}; write them like {n_heads: 4, window: 64}.')
  expect(() => parseLayers('attention{n_heads: 4')).toThrow('"{" is not expected there')
})

test('what is written is read as the same layers', () => {
  const layers = [mamba, mamba, wide, wide, { mixer: 'attention', own: {} }, mamba]
  expect(writeLayers(layers)).toBe('2×mamba, 2×attention{n_heads: 4, window: 64, rope: false}, 1×attention, 1×mamba')
  expect(parseLayers(writeLayers(layers))).toEqual(layers)
})

test('a list of layers says the same as the text', () => {
  expect(layersAsText(['2×mamba', { mixer: 'attention', n_heads: 4 }])).toBe('2×mamba, 1×attention{n_heads: 4}')
  expect(layersAsText('4×mamba')).toBe('4×mamba')
  expect(() => layersAsText(['mamba', { n_heads: 4 }])).toThrow('Entry 2 of the layers is {"n_heads":4}')
  expect(() => layersAsText([{ mixer: 'attention', n_heads: [4] }])).toThrow('Entry 1 of the layers')
})
