import type { Baseline, Interval } from '../../main/contract/run.ts'

/** A number with the digits that mean something here: 1.623, 0.0412. */
export const shown = (value: number): string => (Math.abs(value) >= 0.1 ? value.toFixed(3) : value.toPrecision(3))

/** The one sentence an evaluation begins with: score, interval, and how it compares to the first baseline. */
export function verdict({ value, low, high }: Interval, unit: string, baseline: Baseline | undefined, how: string): string {
  const score = `${shown(value)} ${unit} (95 % ${shown(low)} to ${shown(high)})`
  if (!baseline) return `${score}, ${how}.`
  const difference = shown(Math.abs(baseline.value - value))
  const certain = high < baseline.value || low > baseline.value
  const word = value < baseline.value ? 'better' : 'worse'
  const beside = `${difference} ${word} than ${baseline.name} (${shown(baseline.value)})`
  return `${score}, ${beside}${certain ? '' : ', a difference within chance'}; ${how}.`
}

/** 2 → 2nd, 13 → 13th. */
export function ordinal(n: number): string {
  const teen = n % 100 >= 11 && n % 100 <= 13
  return `${n.toLocaleString('en')}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`
}
