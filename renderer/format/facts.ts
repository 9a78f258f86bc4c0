import { percent, thousands } from './numbers.ts'

const PER_FACT: Record<string, (value: number) => string> = {
  gc: (value) => percent(value, 1),
  'sample rate': (value) => `${thousands(value)} Hz`,
  seconds: (value) => `${value.toFixed(1)} s`,
}

/** A dataset's fact for people: its name with a capital, its number with the unit that belongs to it. */
export function factText(name: string, value: string | number): { name: string; value: string } {
  const title = name.toLowerCase() === 'seconds' ? 'Length' : name[0].toUpperCase() + name.slice(1)
  if (typeof value === 'string') return { name: title, value }
  const own = PER_FACT[name.toLowerCase()]
  if (own) return { name: title, value: own(value) }
  return { name: title, value: Number.isInteger(value) ? thousands(value) : String(Number(value.toPrecision(4))) }
}
