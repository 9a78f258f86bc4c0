import { randomBelow } from '../batching/counterRandom.ts'
import { byName } from '../labels/labelBook.ts'
import type { RecordList } from '../store/store.ts'

/** Fisher-Yates with the counter generator: the same seed gives the same order. */
export const shuffled = <T>(items: readonly T[], seed: number): T[] => Array.from(shuffledOrder(items.length, seed), (i) => items[i])

/** The numbers below n in such an order; a million of them are four megabytes. */
export function shuffledOrder(n: number, seed: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = randomBelow(seed, i, 0, 0, i + 1)
    const other = order[i]
    order[i] = order[j]
    order[j] = other
  }
  return order
}

/**
 * Gives each item a part so that after any number of items every part has its share as nearly as whole items allow: the next item goes where
 * most is missing (Sainte-Laguë's rule for seats, here one item at a time). `sizes`: what an item adds; 1 for each counts items.
 */
export function apportion(sizes: readonly number[], shares: readonly number[]): number[] {
  const filled = shares.map(() => 0)
  let total = 0
  return sizes.map((size) => {
    total += size
    let best = 0
    for (let part = 1; part < shares.length; part++)
      if (shares[part] * total - filled[part] > shares[best] * total - filled[best] + 1e-9) best = part
    filled[best] += size
    return best
  })
}

/** Records by class, or for numbers by tenths of their order; without labels one stratum. Indices into `records`. */
export function strata(records: RecordList, numbers: boolean): number[][] {
  const all = records.map((_, i) => i)
  if (numbers) {
    const ordered = all.filter((i) => records.at(i)!.label !== null).sort((a, b) => records.at(a)!.label! - records.at(b)!.label! || a - b)
    const bins: number[][] = Array.from({ length: Math.min(10, ordered.length) }, () => [])
    ordered.forEach((record, i) => bins[Math.floor((i * bins.length) / ordered.length)].push(record))
    return [...bins, all.filter((i) => records.at(i)!.label === null)].filter((bin) => bin.length > 0)
  }
  const byLabel = new Map<number | null, number[]>()
  for (const i of all) {
    const { label } = records.at(i)!
    const members = byLabel.get(label)
    if (members) members.push(i)
    else byLabel.set(label, [i])
  }
  return [...byLabel].sort(([a], [b]) => (a ?? Infinity) - (b ?? Infinity)).map(([, members]) => members)
}

/** Records of each group, groups in order of their names; a record without a group is one of its own. */
export function groupsOf(records: RecordList): { name: string; members: number[] }[] {
  const groups = new Map<string, number[]>()
  records.forEach(({ group, name }, i) => {
    const key = group ?? `\0${name}`
    const members = groups.get(key)
    if (members) members.push(i)
    else groups.set(key, [i])
  })
  return [...groups].map(([key, members]) => ({ name: key.replace(/^\0/, ''), members })).sort((a, b) => byName(a.name, b.name))
}
