import type { Baseline, Interval } from '../../main/contract/run.ts'

/** A number with the digits that mean something here: 1.623, 0.0412. */
export const shown = (value: number): string => (Math.abs(value) >= 0.1 ? value.toFixed(3) : value.toPrecision(3))

/** The one sentence an evaluation begins with: score, interval, and how it compares to the first baseline. */
export function verdict({ value, low, high }: Interval, unit: string, baseline: Baseline | undefined, how: string): string {
  const score = `${shown(value)} ${unit} (95 % ${shown(low)} to ${shown(high)})`
  if (!baseline) return `${score}, ${how}.`
  const certain = high < baseline.value || low > baseline.value
  const word = value < baseline.value ? 'better' : 'worse'
  // nats and bits are compared by their difference, squared errors by their ratio
  const ratio = Math.max(baseline.value / value, value / baseline.value)
  const amount = unit === 'MSE' && Number.isFinite(ratio) ? `${ratio.toFixed(1)} times` : shown(Math.abs(baseline.value - value))
  const rule = baseline.name.replace(/^repeat /, 'repeating ').replace(/^order-0/, 'the order-0')
  const beside = `${amount} ${word} than ${rule} (${shown(baseline.value)})`
  return `${score}, ${beside}${certain ? '' : ', a difference within chance'}; ${how}.`
}

/** 2 → 2nd, 13 → 13th. */
export function ordinal(n: number): string {
  const teen = n % 100 >= 11 && n % 100 <= 13
  return `${n.toLocaleString('en')}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`
}
