/** Bases read four at a time are those read one by one: any mixture of letters and case, any line length, any cut into pieces. */
import { describe, expect, it } from 'vitest'
import { RandomStream } from '../../kernels/random/philox.ts'
import { Names } from '../importing/names.ts'
import { ReportBuilder } from '../importing/report.ts'
import { sequenceParser } from './importSequences.ts'
import { STORED_READS } from './sequenceLetters.ts'

const random = new RandomStream(11, 3)
const below = (n: number): number => random.uint32() % n

/** Stretches of one kind each, as genomes have them. */
function letters(n: number): string {
  let text = ''
  while (text.length < n) {
    const alphabet = ['ACGT', 'acgt', 'ACGTacgt', 'N', 'ACGTRYKM', 'ACGU', 'acgtnx'][below(7)]
    for (let left = 1 + below([3, 20, 700][below(3)]); left > 0; left--) text += alphabet[below(alphabet.length)]
  }
  return text.slice(0, n)
}

function parse(format: 'FASTA' | 'FASTQ', file: string, size: number): { read: string; counts: Float64Array } {
  const out: Buffer[] = []
  const sink = {
    beginRecord: () => undefined,
    append: (bases: Uint8Array) => void out.push(Buffer.from(bases)),
    endRecord: () => undefined,
    discardRecord: () => undefined,
  }
  const parser = sequenceParser(format, { file: 'x', stem: 'x', sink, report: new ReportBuilder('stop'), names: new Names() })
  const bytes = Buffer.from(file)
  for (let at = 0; at < bytes.length; at += size) parser.push(Buffer.from(bytes.subarray(at, at + size)))
  parser.end()
  return { read: Buffer.concat(out).toString('latin1'), counts: parser.counts }
}

function expected(text: string): { read: string; counts: Float64Array } {
  const counts = new Float64Array(256)
  for (const byte of Buffer.from(text)) counts[byte]++
  return { read: Buffer.from(Buffer.from(text).map((byte) => STORED_READS[byte])).toString('latin1'), counts }
}

describe.each([1, 2, 3, 5, 64, 997, 1_000_000])('in pieces of %i bytes', (size) => {
  it.each([1, 3, 60, 61, 70, 5000])('FASTA in lines of %i', (width) => {
    const text = letters(5000)
    const lines = text.match(new RegExp(`.{1,${width}}`, 'g'))!
    expect(parse('FASTA', `>a\n${lines.join('\n')}\n`, size)).toEqual(expected(text))
  })

  it('FASTQ', () => {
    const reads = Array.from({ length: 30 }, () => letters(1 + below(300)))
    const file = reads.map((bases, i) => `@${i}\n${bases}\n+\n${'I'.repeat(bases.length)}\n`).join('')
    expect(parse('FASTQ', file, size)).toEqual(expected(reads.join('')))
  })
})
