import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { DatasetDetail } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { importFiles, type ImportHooks } from '../importing/importFiles.ts'
import { getDatasetDetail, openProject, type WritableStore } from '../store/store.ts'

/** A project in a temporary folder, for tests. */
export interface TestProject {
  folder: string
  store: WritableStore
  /** Writes a file beside the project; answers its path. */
  file(name: string, content: string | Uint8Array): string
  /** Imports one file with this content. */
  add(name: string, content: string | Uint8Array, options?: ImportOptions, hooks?: ImportHooks): Promise<DatasetDetail>
  remove(): void
}

export function testProject(): TestProject {
  const folder = mkdtempSync(join(tmpdir(), 'strand-test-'))
  const store = openProject(join(folder, 'project'))
  const file = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, 'files', name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  }
  return {
    folder,
    store,
    file,
    async add(name, content, options = {}, hooks = {}) {
      const { datasetId } = await importFiles(store, { paths: [file(name, content)], options }, hooks)
      return getDatasetDetail(store, datasetId)
    },
    remove() {
      store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A WAV file around these bytes of sound; fields may lie. */
export function wav(
  data: Uint8Array,
  spec: {
    tag?: number
    channels?: number
    rate?: number
    bits?: number
    align?: number
    size?: number
    extensible?: number
    before?: Buffer
  } = {},
): Buffer {
  const { tag = 1, channels = 1, rate = 8000, bits = 16, size = data.length, extensible = 0, before = Buffer.alloc(0) } = spec
  const { align = (channels * bits) / 8 } = spec
  const format = Buffer.alloc(extensible ? 40 : 16)
  format.writeUInt16LE(extensible ? 0xfffe : tag, 0)
  format.writeUInt16LE(channels, 2)
  format.writeUInt32LE(rate, 4)
  format.writeUInt32LE(rate * align, 8)
  format.writeUInt16LE(align, 12)
  format.writeUInt16LE(bits, 14)
  if (extensible) {
    format.writeUInt16LE(22, 16)
    format.writeUInt16LE(extensible, 24)
  }
  const chunk = (id: string, body: Uint8Array, length = body.length): Buffer => {
    const head = Buffer.alloc(8)
    head.write(id, 'latin1')
    head.writeUInt32LE(length, 4)
    return Buffer.concat([head, body])
  }
  const body = Buffer.concat([Buffer.from('WAVE'), chunk('fmt ', format), before, chunk('data', data, size)])
  return chunk('RIFF', body)
}
