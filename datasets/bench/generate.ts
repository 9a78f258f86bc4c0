import { closeSync, openSync, writeSync } from 'node:fs'

/** Writes one large file of a kind; `size` in bytes (records: their number). Content is drawn once in blocks and repeated, so that writing is as fast as the disk. */
export const generators = { fasta, wav, csv, records, fastq, genbank } as const
export type Kind = keyof typeof generators

function writing(path: string, work: (write: (data: string | Uint8Array) => number) => void): void {
  const file = openSync(path, 'w')
  try {
    work((data) => (typeof data === 'string' ? writeSync(file, data) : writeSync(file, data)))
  } finally {
    closeSync(file)
  }
}

const draw = (length: number, alphabet: string): string => {
  const letters = Buffer.alloc(length)
  for (let i = 0; i < length; i++) letters[i] = alphabet.charCodeAt(Math.floor(Math.random() * alphabet.length))
  return letters.toString('latin1')
}

/** Three records in lines of 60 random bases, the way sequence archives write them. */
function fasta(path: string, size: number): void {
  const block = Buffer.alloc(61 * 16_384)
  for (let i = 0; i < block.length; i++) block[i] = i % 61 === 60 ? 10 : 'ACGT'.charCodeAt(Math.floor(Math.random() * 4))
  writing(path, (write) => {
    for (let written = 0, record = 0; written < size; written += write(block))
      if (written >= (record * size) / 3) write(`>chr${++record} generated\n`)
  })
}

/** One recording: 44.1 kHz, mono, 16 bit. */
function wav(path: string, size: number): void {
  const block = new Int16Array(1 << 19)
  for (let i = 0; i < block.length; i++) block[i] = 8000 * Math.sin(i / 20) + 2000 * (Math.random() - 0.5)
  const blocks = Math.ceil(size / block.byteLength)
  const head = Buffer.alloc(44)
  head.write('RIFF')
  head.writeUInt32LE(36 + blocks * block.byteLength, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(44_100, 24)
  head.writeUInt32LE(88_200, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(blocks * block.byteLength, 40)
  writing(path, (write) => {
    write(head)
    for (let i = 0; i < blocks; i++) write(new Uint8Array(block.buffer))
  })
}

/** An hourly series of seven channels with four decimals each, in the columns of ETT. */
function csv(path: string, size: number): void {
  const tails = Array.from({ length: 10_000 }, () => `,${Array.from({ length: 7 }, () => (Math.random() * 40).toFixed(4)).join(',')}\n`)
  const hours = Array.from({ length: 24 }, (_, hour) => ` ${String(hour).padStart(2, '0')}:00:00`)
  writing(path, (write) => {
    let written = write('date,HUFL,HULL,MUFL,MULL,LUFL,LULL,OT\n')
    for (let day = 0, row = 0; written < size;) {
      const lines: string[] = []
      for (let i = 0; i < 400; i++, day++) {
        const date = new Date(day * 86_400_000).toISOString().slice(0, 10)
        for (const hour of hours) lines.push(date, hour, tails[row++ % tails.length])
      }
      written += write(lines.join(''))
    }
  })
}

/** Short reads of 60 bases, each a record with a name of its own. `size`: how many. */
function records(path: string, size: number): void {
  const bases = draw(1_000_000, 'ACGT')
  writing(path, (write) => {
    for (let read = 0; read < size;) {
      let text = ''
      for (const stop = Math.min(size, read + 10_000); read < stop; read++) {
        const at = (read * 61) % (bases.length - 60)
        text += `>A00123:45:HCLK7DSX2:1:1101:${read} sample 7\n${bases.slice(at, at + 60)}\n`
      }
      write(text)
    }
  })
}

/** Reads of 150 bases with qualities, named as a sequencer does. */
function fastq(path: string, size: number): void {
  const bases = draw(1_000_000, 'ACGT')
  const qualities = draw(1_000_000, 'FFFFFFF:,#')
  writing(path, (write) => {
    for (let written = 0, read = 0; written < size;) {
      let text = ''
      for (let i = 0; i < 10_000; i++, read++) {
        const at = (read * 151) % (bases.length - 150)
        text += `@A00123:45:HCLK7DSX2:1:1101:${read} 1:N:0:ACGT\n${bases.slice(at, at + 150)}\n+\n${qualities.slice(at, at + 150)}\n`
      }
      written += write(text)
    }
  })
}

/** One record: a tenth annotation, then numbered lines of 60 bases. */
function genbank(path: string, size: number): void {
  const lines = Math.floor((size * 0.9) / 76)
  const feature = `     CDS             1..60\n                     /note="generated"\n`.repeat(10_000)
  const line = Array.from({ length: 6 }, () => draw(10, 'acgt')).join(' ')
  writing(path, (write) => {
    write(`LOCUS       BENCH ${lines * 60} bp    DNA     linear   UNK 01-JAN-2026\nFEATURES             Location/Qualifiers\n`)
    for (let written = 0; written < size / 10;) written += write(feature)
    write('ORIGIN\n')
    for (let n = 0; n < lines;) {
      let text = ''
      for (const stop = Math.min(lines, n + 10_000); n < stop; n++) text += `${String(n * 60 + 1).padStart(9)} ${line}\n`
      write(text)
    }
    write('//\n')
  })
}
