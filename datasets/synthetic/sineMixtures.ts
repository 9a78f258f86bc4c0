import { z } from 'zod'
import { counts, type SeriesTask } from './task.ts'

const schema = z
  .strictObject({
    channels: z.int().min(1).max(1000).default(4).describe('Channels, each a mixture of its own'),
    sines: z.int().min(1).max(100).default(3).describe('Sines in a channel'),
    shortest: z.number().min(2).max(100_000).default(8).describe('Shortest period, in rows'),
    longest: z.number().min(2).max(1_000_000).default(200).describe('Longest period, in rows'),
    noise: z
      .number()
      .min(0)
      .max(10)
      .default(0.1)
      .describe('Standard deviation of noise added to each value; the sines of a channel have variance 1'),
    ...counts(8000, 1000, 1000, 'Rows'),
  })
  .refine(({ shortest, longest }) => shortest <= longest, { message: 'shortest is above longest', path: ['shortest'] })

const ROWS_A_PIECE = 4096

/** Sines of random period (uniform in its logarithm), phase and weight: known to be predictable down to the noise. */
export const sineMixtures: SeriesTask<z.infer<typeof schema>> = {
  kind: 'series',
  id: 'sine-mixtures',
  title: 'Sine mixtures',
  description: 'Sums of sines with noise; the smallest error any forecast can reach is the variance of the noise.',
  citation: 'Own definition, 2026',
  domain: 'timeseries',
  schema,
  channels: ({ channels }) => Array.from({ length: channels }, (_, i) => `s${i + 1}`),
  *rows({ channels, sines, shortest, longest, noise }, count, random) {
    const mixtures = Array.from({ length: channels }, () => {
      const parts = Array.from({ length: sines }, () => ({
        step: (2 * Math.PI) / (shortest * (longest / shortest) ** random.uniform()),
        phase: 2 * Math.PI * random.uniform(),
        weight: 0.5 + random.uniform(),
      }))
      // a sine of weight w has variance w² / 2
      const scale = Math.sqrt(parts.reduce((sum, { weight }) => sum + weight ** 2 / 2, 0))
      return parts.map((part) => ({ ...part, weight: part.weight / scale }))
    })
    for (let done = 0; done < count;) {
      const rows = Math.min(ROWS_A_PIECE, count - done)
      const piece = new Float32Array(rows * channels)
      for (let i = 0; i < rows; i++)
        mixtures.forEach((parts, c) => {
          let value = noise * random.normal()
          for (const { step, phase, weight } of parts) value += weight * Math.sin(step * (done + i) + phase)
          piece[i * channels + c] = value
        })
      done += rows
      yield piece
    }
  },
}
