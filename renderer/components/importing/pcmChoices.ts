import type { ImportOptions } from '../../../main/contract/importing.ts'
import { choice, type Choice } from './importChoices.ts'

export type Pcm = NonNullable<ImportOptions['pcm']>

/** What a file without a header is read as until somebody says better: the commonest of all. */
export const PCM_FIRST: Pcm = { coding: 's16', rate: 16_000, channels: 1 }

const WIDTHS: [string, string][] = [
  ['s8', '8 bit'],
  ['u8', '8 bit, unsigned'],
  ['s16', '16 bit'],
  ['s24', '24 bit'],
  ['s32', '32 bit'],
  ['f32', '32-bit float'],
  ['f64', '64-bit float'],
  ['alaw', 'A-law'],
  ['mulaw', 'Mu-law'],
]

/** Coding and order of bytes; the order only where a sample has several. */
export function pcmChoices(pcm: Pcm): Choice[] {
  const width = pcm.coding.replace('be', '')
  const high = pcm.coding.endsWith('be')
  const part = (coding: string): Partial<ImportOptions> => ({ pcm: { ...pcm, coding: coding as Pcm['coding'] } })
  const several = /16|24|32|64/.test(width)
  const coding = choice('pcm', 'Sample', width, WIDTHS, (value) => part(value + (high && /16|24|32|64/.test(value) ? 'be' : '')), true)
  if (!several) return [coding]
  const orders: [string, string][] = [
    ['le', 'Low byte first'],
    ['be', 'High byte first'],
  ]
  return [coding, choice('pcm.order', 'Bytes', high ? 'be' : 'le', orders, (value) => part(width + (value === 'be' ? 'be' : '')))]
}
