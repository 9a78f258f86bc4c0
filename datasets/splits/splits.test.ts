import { describe, expect, it } from 'vitest'
import type { Labels, Split } from '../../main/contract/dataset.ts'
import type { PlannedRecord } from '../store/store.ts'
import { planSplits } from './planSplits.ts'
import { splitOfFold } from './splitOfFold.ts'

const classes = (n: number): Labels => ({ kind: 'class', names: Array.from({ length: n }, (_, i) => `c${i}`) })

/** `n` records of length 10 + i mod 5; what `of` says of each. */
const records = (n: number, of: (i: number) => Partial<PlannedRecord> = () => ({})): PlannedRecord[] =>
  Array.from({ length: n }, (_, i) => ({ name: `r${i}`, start: 0, length: 10 + (i % 5), label: null, group: null, fixed: null, ...of(i) }))

const count = (parts: readonly unknown[], split: Split): number => parts.filter((part) => part === split).length

describe('stratified', () => {
  it.each([30, 100, 1003])('%i records: every class in its share, within one record', (n) => {
    // class 0 is half, class 1 a third, class 2 the rest
    const of = (i: number): Partial<PlannedRecord> => ({ label: i % 6 < 3 ? 0 : i % 6 < 5 ? 1 : 2 })
    const all = records(n, of)
    const { records: parts, rule } = planSplits(all, 'audio', {}, classes(3))
    expect(rule).toBe(
      'Whole records, the same share of every class, shuffled once with a fixed seed: train 80 %, validation 10 %, test 10 %.',
    )
    for (const label of [0, 1, 2]) {
      const own = parts.filter((_, i) => all[i].label === label)
      expect(Math.abs(count(own, 'test') - own.length / 10)).toBeLessThanOrEqual(1)
      expect(Math.abs(count(own, 'train') - own.length * 0.8)).toBeLessThanOrEqual(1.5)
    }
    expect(planSplits(all, 'audio', {}, classes(3)).records).toEqual(parts)
    expect(planSplits(all, 'audio', { splitSeed: 2 }, classes(3)).records).not.toEqual(parts)
  })

  it('numbers: tenths of their order', () => {
    const all = records(200, (i) => ({ label: (i * 7919) % 200 }))
    const { records: parts } = planSplits(all, 'text', {}, { kind: 'number' })
    const test = all.filter((_, i) => parts[i] === 'test').map(({ label }) => label!)
    expect(test).toHaveLength(20)
    for (let tenth = 0; tenth < 10; tenth++) expect(test.filter((value) => Math.floor(value / 20) === tenth)).toHaveLength(2)
  })

  it('is refused without labels', () => {
    expect(() => planSplits(records(20), 'text', { splitBy: 'stratified' })).toThrow('no labels to divide evenly')
  })
})

describe('groups', () => {
  const speakers = records(120, (i) => ({ group: `s${i % 6}`, label: i % 2 }))

  it('stay whole, and every split gets one', () => {
    const { records: parts, rule } = planSplits(speakers, 'audio', {}, classes(2))
    const splitsOf = (group: string): Set<unknown> => new Set(parts.filter((_, i) => speakers[i].group === group))
    for (let s = 0; s < 6; s++) expect(splitsOf(`s${s}`).size).toBe(1)
    expect(new Set(parts)).toEqual(new Set(['train', 'validation', 'test']))
    expect(rule).toBe('Whole groups, 6 of them, shuffled once with a fixed seed: about train 80 %, validation 10 %, test 10 %.')
  })

  it('are too few for three splits', () => {
    const two = records(10, (i) => ({ group: `s${i % 2}` }))
    expect(() => planSplits(two, 'audio', { splitBy: 'group' })).toThrow('2 groups, too few')
  })

  it('are held out by name', () => {
    const plan = planSplits(speakers, 'audio', { splitHold: { test: ['s4'], validation: ['s1'] } })
    expect(plan.rule).toBe('Held out by name: validation s1; test s4; all others train.')
    speakers.forEach(({ group }, i) => expect(plan.records[i]).toBe(group === 's4' ? 'test' : group === 's1' ? 'validation' : 'train'))
    expect(() => planSplits(speakers, 'audio', { splitHold: { test: ['s9'] } })).toThrow('No record and no group is named "s9"')
  })
})

describe('published', () => {
  const files = (names: (Split | null)[]): PlannedRecord[] =>
    names.flatMap((fixed, f) => records(20, (i) => ({ name: `${f}-${i}`, fixed, label: i % 2 })))

  it('is taken where every record says one, and then validates on a tenth of the training records', () => {
    const all = files(['train', 'train', 'test'])
    const { records: parts, rule } = planSplits(all, 'text', {}, classes(2))
    expect(rule).toContain('As published')
    expect(all.every(({ fixed }, i) => (fixed === 'test') === (parts[i] === 'test'))).toBe(true)
    expect([count(parts, 'train'), count(parts, 'validation'), count(parts, 'test')]).toEqual([36, 4, 20])
    expect(parts.filter((part, i) => part === 'validation' && all[i].label === 0)).toHaveLength(2)
  })

  it('keeps a published validation set as it is', () => {
    const all = files(['train', 'validation', 'test'])
    expect(planSplits(all, 'text', {}).records).toEqual(all.map(({ fixed }) => fixed))
  })

  it('is not guessed from half of the files, and refused when asked for', () => {
    const all = files(['train', null])
    expect(planSplits(all, 'text', {}, classes(2)).rule).not.toContain('published')
    expect(() => planSplits(all, 'text', { splitBy: 'published' })).toThrow('Nothing says whether "1-0" trains or tests')
  })
})

describe('folds', () => {
  it('leave one group out, in order of their names', () => {
    const all = records(60, (i) => ({ group: ['theo', 'george', 'lucas', 'jackson'][i % 4] }))
    const plan = planSplits(all, 'audio', { folds: 'groups' })
    expect(plan.rule).toBe('Leave one group out: each of 4 folds tests one group, the next validates, the others train.')
    expect(plan.folds!.count).toBe(4)
    expect([...new Set(all.filter((_, i) => plan.folds!.of[i] === 0).map(({ group }) => group))]).toEqual(['george'])
    expect(plan.records).toEqual(plan.folds!.of.map((of) => splitOfFold(of, 0, 4)))
  })

  it('divide records, the same share of every class, each tested once', () => {
    const all = records(103, (i) => ({ label: i % 3 === 0 ? 1 : 0 }))
    const { folds } = planSplits(all, 'text', { folds: 5 }, classes(2))
    for (let fold = 0; fold < 5; fold++) {
      const own = all.filter((_, i) => folds!.of[i] === fold)
      expect([20, 21]).toContain(own.length)
      expect([6, 7]).toContain(own.filter(({ label }) => label === 1).length)
      expect(folds!.of.map((of) => splitOfFold(of, fold, 5)).filter((split) => split === 'test')).toHaveLength(own.length)
    }
  })

  it('keep groups whole where there are any', () => {
    const all = records(90, (i) => ({ group: `g${i % 9}` }))
    const { folds } = planSplits(all, 'text', { folds: 3 })
    for (let g = 0; g < 9; g++) expect(new Set(folds!.of.filter((_, i) => i % 9 === g)).size).toBe(1)
  })

  it.each([
    [{ folds: 'groups' }, records(9), '"r0" has no group'],
    [{ folds: 11 }, records(9), '11 folds do not go with 9 records'],
    [{ folds: 2 }, records(9), '2 folds do not go with 9 records'],
  ] as const)('%o is refused with the reason', (options, all, sentence) => {
    expect(() => planSplits(all, 'audio', options)).toThrow(sentence)
  })
})
