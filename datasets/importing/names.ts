/** Names given to the records of an import, so that no two are the same. A name takes 11 to 21 bytes here however long it is: a million of them stay small. */
export class Names {
  /** 64-bit hashes in an open-addressed table, both words 0 where it is free. Two of a million names share one with a chance of 3 in 10⁸. */
  private table = new Uint32Array(2 * 1024)
  private size = 0
  /** How often a name was wanted, for those wanted more than once. */
  private readonly repeats = new Map<string, number>()

  /** The name itself, or "name (2)" when it was taken. */
  take(wanted: string): { name: string; renamed: boolean } {
    if (this.add(wanted)) return { name: wanted, renamed: false }
    let times = (this.repeats.get(wanted) ?? 1) + 1
    // a file may also hold "name (2)" of its own
    while (!this.add(`${wanted} (${times})`)) times++
    this.repeats.set(wanted, times)
    return { name: `${wanted} (${times})`, renamed: true }
  }

  /** Once all records are in, no name is given any more: their memory is of use elsewhere. */
  end(): void {
    this.table = new Uint32Array(2)
    this.repeats.clear()
  }

  /** False when it was there. */
  private add(name: string): boolean {
    const [high, low] = hash64(name)
    if (!insert(this.table, high, low)) return false
    // three quarters full
    if (++this.size * 8 > 3 * this.table.length) this.grow()
    return true
  }

  private grow(): void {
    const old = this.table
    this.table = new Uint32Array(2 * old.length)
    for (let i = 0; i < old.length; i += 2) if (old[i] !== 0 || old[i + 1] !== 0) insert(this.table, old[i], old[i + 1])
  }
}

function insert(table: Uint32Array, high: number, low: number): boolean {
  const mask = table.length / 2 - 1
  for (let slot = low & mask; ; slot = (slot + 1) & mask) {
    if (table[2 * slot] === high && table[2 * slot + 1] === low) return false
    if (table[2 * slot] !== 0 || table[2 * slot + 1] !== 0) continue
    table[2 * slot] = high
    table[2 * slot + 1] = low
    return true
  }
}

/** Two independent multiply-xor hashes over UTF-16 units, each finished as MurmurHash3 does; never (0, 0). */
function hash64(text: string): [number, number] {
  let a = 0x9747b28c
  let b = 0x2545f491
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 0xcc9e2d51)
    a = (a << 13) | (a >>> 19)
    b = Math.imul(b ^ unit, 0x1b873593)
    b = (b << 17) | (b >>> 15)
  }
  a = finish(a ^ text.length)
  b = finish(b + a)
  return [a, b === 0 && a === 0 ? 1 : b]
}

function finish(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
