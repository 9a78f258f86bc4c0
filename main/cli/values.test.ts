import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { duration, table } from './output.ts'
import { collectSet, parseValue, readConfigFile, triple } from './values.ts'
import { wavFile } from './wav.ts'

test('values read as what they look like', () => {
  expect(['1e-3', '-4', '0', 'true', 'false', 'null', 'none', 'cosine', '', '1x'].map(parseValue)).toEqual([
    0.001,
    -4,
    0,
    true,
    false,
    null,
    null,
    'cosine',
    '',
    '1x',
  ])
})

test('--set collects several, and names what is wrong with one', () => {
  expect(collectSet('optimizer.lr=0.01', collectSet('model.layers=mamba'))).toEqual({ 'model.layers': 'mamba', 'optimizer.lr': 0.01 })
  expect(() => collectSet('optimizer.lr')).toThrow('write key=value')
  expect(() => collectSet('=3')).toThrow('write key=value')
})

test('a configuration file becomes dotted keys', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strand-values-'))
  const file = join(folder, 'config.json')
  const write = (text: string): string => (writeFileSync(file, text), file)
  expect(
    readConfigFile(write('{"version":2,"seed":3,"model":{"d_model":64,"mixers":{"mamba":{"d_state":8}}},"training":{"patience":null}}')),
  ).toEqual({
    seed: 3,
    'model.d_model': 64,
    'model.mixers.mamba.d_state': 8,
    'training.patience': null,
  })
  expect(readConfigFile(write('{"model":{"layers":["2×mamba",{"mixer":"attention","n_heads":4}],"sashimi":{"pool":[4,2]}}}'))).toEqual({
    'model.layers': '2×mamba, 1×attention{n_heads: 4}',
    'model.sashimi.pool': '4, 2',
  })
  expect(() => readConfigFile(write('{"model":{"layers":[{"n_heads":4}]}}'))).toThrow('Entry 1 of the layers is {"n_heads":4}')
  expect(() => readConfigFile(write('[1]'))).toThrow('must hold a JSON object')
  expect(() => readConfigFile(write('{'))).toThrow('is not JSON')
  expect(() => readConfigFile(write('{"a":[1]}'))).toThrow('a is a list')
  expect(() => readConfigFile(join(folder, 'none.json'))).toThrow('There is no file')
  rmSync(folder, { recursive: true })
})

test('three numbers', () => {
  expect(triple('8640,11520,14400')).toEqual([8640, 11520, 14400])
  expect(() => triple('1,2')).toThrow('three numbers')
})

test('tables align numbers to the right and time reads as people say it', () => {
  expect(
    table(
      ['id', 'name'],
      [
        [9, 'a'],
        [10, 'long'],
      ],
    ),
  ).toBe('id  name\n 9  a\n10  long')
  expect([0.4, 59, 61, 3600, 7320].map(duration)).toEqual(['0 s', '59 s', '1 min 01 s', '1 h 00 min', '2 h 02 min'])
})

test('a WAV file says what it holds', () => {
  const file = wavFile(Buffer.from([1, 0, 255, 127]), 16_000)
  expect(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 12)).toBe('RIFFWAVE')
  expect([file.readUInt32LE(4), file.readUInt32LE(24), file.readUInt16LE(34), file.readUInt32LE(40), file.length]).toEqual([
    40, 16_000, 16, 4, 48,
  ])
})
