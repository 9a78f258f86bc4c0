import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Small files of series, for tests. */
export const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../tables/fixtures', name))
export const edit = (name: string, change: (bytes: Buffer) => Buffer | void): Buffer => {
  const bytes = Buffer.from(fixture(name))
  return change(bytes) ?? bytes
}
export const ts = (cases: string, tags = '@univariate true\n@classLabel true a b'): string =>
  `# made by hand\n@problemName x\n${tags}\n@data\n${cases}`
export const tsf = (rows: string, frequency = 'daily'): string =>
  `@relation x\n@attribute series_name string\n@attribute start_timestamp date\n@frequency ${frequency}\n@horizon 2\n@equallength false\n@data\n${rows}`
export const arff = (rows: string, attributes = '@attribute a numeric\n@attribute b numeric'): string =>
  `% by hand\n@relation x\n${attributes}\n@data\n${rows}`
export const npy = (header: string, data = Buffer.alloc(0)): Buffer => {
  const size = Buffer.alloc(2)
  size.writeUInt16LE(header.length)
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\0', 'latin1'), size, Buffer.from(header), data])
}
export const header = (dtype: string, shape: string): string => `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${shape}), }\n`
