/** One page of an Ogg stream (RFC 3533), checked by its checksum, or a stretch of bytes that is none. */
export type OggPage =
  | {
      serial: number
      sequence: number
      begins: boolean
      ends: boolean
      continues: boolean
      granule: number
      body: Buffer
      lacing: Buffer
      byte: number
    }
  | { damagedAt: number }

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24
  for (let i = 0; i < 8; i++) value = value & 0x8000_0000 ? (value << 1) ^ 0x04c1_1db7 : value << 1
  return value
})

function checksum(page: Buffer): number {
  let crc = 0
  // the four bytes of the checksum itself count as zero
  for (let i = 0; i < page.length; i++) crc = (crc << 8) ^ CRC[(crc >>> 24) ^ (i >= 22 && i < 26 ? 0 : page[i])]
  return crc >>> 0
}

/** Cuts a stream of bytes into pages; a page takes at most 65,307 bytes, and no more than that is held. */
export class OggPages {
  private held: Buffer = Buffer.alloc(0)
  private heldStart = 0
  /** Already looking for a page after a damaged one. */
  private lost = false

  /** Bytes of an unfinished page at the end. */
  get rest(): number {
    return this.held.length
  }

  *push(piece: Buffer, last: boolean): Generator<OggPage> {
    const bytes = this.held.length > 0 ? Buffer.concat([this.held, piece]) : piece
    let at = 0
    while (at + 27 <= bytes.length) {
      const size = pageSize(bytes, at)
      if (size !== null && at + size > bytes.length && !last) break
      const page = size === null || at + size > bytes.length ? null : bytes.subarray(at, at + size)
      if (page && checksum(page) === page.readUInt32LE(22)) {
        this.lost = false
        const segments = page[26]
        yield {
          serial: page.readUInt32LE(14),
          sequence: page.readUInt32LE(18),
          continues: (page[5] & 1) !== 0,
          begins: (page[5] & 2) !== 0,
          ends: (page[5] & 4) !== 0,
          granule: Number(page.readBigInt64LE(6)),
          lacing: page.subarray(27, 27 + segments),
          body: page.subarray(27 + segments),
          byte: this.heldStart + at + 1,
        }
        at += page.length
        continue
      }
      // a page that the end of the file cuts off is told by the end
      if (last && size !== null && at + size > bytes.length) break
      if (!this.lost) yield { damagedAt: this.heldStart + at + 1 }
      this.lost = true
      const next = bytes.indexOf('OggS', at + 1, 'latin1')
      at = next >= 0 ? next : Math.max(at + 1, bytes.length - 3)
    }
    this.heldStart += at
    this.held = Buffer.from(bytes.subarray(at))
  }
}

/** null: no page begins there. */
function pageSize(bytes: Buffer, at: number): number | null {
  if (bytes.toString('latin1', at, at + 4) !== 'OggS' || bytes[at + 4] !== 0) return null
  const segments = bytes[at + 26]
  if (at + 27 + segments > bytes.length) return 27 + segments
  let size = 27 + segments
  for (let i = 0; i < segments; i++) size += bytes[at + 27 + i]
  return size
}
