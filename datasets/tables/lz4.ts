/** LZ4 frames (lz4 Frame Format 1.6), as Arrow and Feather files use them. Throws RangeError on data that make no sense. */
export function unpackLz4Frames(bytes: Uint8Array, size: number): Uint8Array {
  // no byte of LZ4 stands for more than 255
  if (!(size >= 0 && size <= 255 * bytes.length)) throw new RangeError('LZ4 data of an impossible length')
  const out = new Uint8Array(size)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  let filled = 0
  while (at + 4 <= bytes.length && filled < size) {
    if (view.getUint32(at, true) !== 0x184d2204) throw new RangeError('no LZ4 frame')
    const flags = bytes[at + 4]
    // header: flags, block size, content size, dictionary, checksum
    at += 6 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0) + 1
    for (;;) {
      const length = view.getUint32(at, true)
      at += 4
      if (length === 0) break
      const raw = length >>> 31 === 1
      const part = bytes.subarray(at, at + (length & 0x7fff_ffff))
      if (raw) {
        out.set(part, filled)
        filled += part.length
      } else filled = unpackBlock(part, out, filled)
      at += part.length + (flags & 16 ? 4 : 0)
    }
    if (flags & 4) at += 4
  }
  if (filled !== size) throw new RangeError('LZ4 data of another length')
  return out
}

/** One block into `out` from `filled` on; answers where it ends. Matches may reach into blocks before. */
function unpackBlock(block: Uint8Array, out: Uint8Array, filled: number): number {
  let at = 0
  const lengthFrom = (start: number): number => {
    let length = start
    if (start === 15) {
      let more = 255
      while (more === 255) length += more = block[at++]
    }
    return length
  }
  while (at < block.length) {
    const token = block[at++]
    const literals = lengthFrom(token >> 4)
    if (at + literals > block.length || filled + literals > out.length) throw new RangeError('LZ4 literals run over')
    out.set(block.subarray(at, at + literals), filled)
    at += literals
    filled += literals
    if (at >= block.length) break
    const offset = block[at] | (block[at + 1] << 8)
    at += 2
    const match = lengthFrom(token & 15) + 4
    if (offset === 0 || offset > filled || filled + match > out.length) throw new RangeError('LZ4 match runs over')
    // byte by byte: a match may overlap what it writes
    for (let i = 0; i < match; i++, filled++) out[filled] = out[filled - offset]
  }
  return filled
}
