import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  name: string
  content: string | Uint8Array
  /** Unix mode; 0o120777 is a link. */
  mode?: number
  encrypted?: boolean
  method?: number
  crc?: number
}

/** A ZIP file of these entries, deflated; fields may lie. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const { name, content, mode = 0o100644, encrypted = false, method = 8, crc } of entries) {
    const raw = Buffer.from(content as string)
    const packed = method === 8 ? deflateRawSync(raw) : raw
    const file = Buffer.from(name, 'utf8')
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE((encrypted ? 1 : 0) | 0x800, 2)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(crc ?? crc32(raw), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(raw.length, 18)
    common.writeUInt16LE(file.length, 22)
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common, file, packed)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE((mode << 16) >>> 0, 6)
    rest.writeUInt32LE(at, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, rest, file)
    at += 30 + file.length + packed.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(central.length, 8)
  end.writeUInt32LE(at, 12)
  return Buffer.concat([...parts, central, Buffer.from('PK\x05\x06', 'latin1'), end])
}

export interface TarEntry {
  name: string
  content?: string | Uint8Array
  /** '0' a file, '2' a link, '5' a folder, 'L' a long name, 'x' attributes. */
  type?: string
}

/** A tar file of these entries, as ustar writes it. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const parts: Buffer[] = []
  for (const { name, content = '', type = '0' } of entries) {
    const raw = Buffer.from(content as string)
    const head = Buffer.alloc(512)
    head.write(name, 0, 100, 'utf8')
    head.write('0000644\0', 100, 'latin1')
    head.write(`${raw.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
    head.write('        ', 148, 'latin1')
    head.write(type, 156, 'latin1')
    head.write('ustar\x0000', 257, 'latin1')
    const sum = head.reduce((total, byte) => total + byte, 0)
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    parts.push(head, raw, Buffer.alloc((512 - (raw.length % 512)) % 512))
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)])
}
