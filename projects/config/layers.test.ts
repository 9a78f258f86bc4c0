import { expect, test } from 'vitest'
import { parseLayers, writeLayers } from './layers.ts'

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
])('%s', (pattern, layers) => expect(parseLayers(pattern)).toEqual(layers))

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

test('what is written is read as the same layers', () => {
  const layers = ['mamba', 'mamba', 'attention', 'mamba']
  expect(writeLayers(layers)).toBe('2×mamba, 1×attention, 1×mamba')
  expect(parseLayers(writeLayers(layers))).toEqual(layers)
})
