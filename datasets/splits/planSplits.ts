import type { Domain, Labels, Split } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'
import type { RecordList, SplitPlan } from '../store/store.ts'
import { apportion, groupsOf, shuffled, shuffledOrder, strata } from './assign.ts'
import { checkFractions, cutAtRows, cutByPosition, percentText, SPLITS, type Fractions } from './cuts.ts'
import { planFolds } from './folds.ts'

/** What a split is chosen by; the rest of an import's options does not matter to it. */
export const SPLIT_OPTIONS = ['split', 'splitRows', 'splitBy', 'splitHold', 'splitSeed', 'folds'] as const
export type SplitOptions = Pick<ImportOptions, (typeof SPLIT_OPTIONS)[number]>

const DEFAULT: Fractions = { train: 0.8, validation: 0.1, test: 0.1 }
/** From this many records on, a split is made of whole records. */
const MANY = 10
/** The same file always splits the same way. */
export const SPLIT_SEED = 20_260_101

interface Ask {
  records: RecordList
  domain: Domain
  labels: Labels | null
  fractions: Fractions
  seed: number
}

/**
 * Which records, or which stretch of each, train, validate and test. Always decided on records, before any window is cut,
 * so no window can lie in two splits. `splitBy` 'auto', the default, is the honest choice that the records allow:
 *  - the published split, where every file (or record) says which one it belongs to;
 *  - groups kept whole (speaker, chromosome, document), where every record has one of at least three;
 *  - a series, or few or very uneven records without labels: every record cut by position, train first, then validation, then test;
 *  - many records: whole records. Labelled ones the same share of every class; text in file order (documents are often dated), others shuffled.
 */
export function planSplits(records: RecordList, domain: Domain, options: SplitOptions, labels: Labels | null = null): SplitPlan {
  if (options.splitRows) return cutAtRows(records, options.splitRows, unitOf(domain))
  const fractions = checkFractions(options.split ?? DEFAULT)
  const ask: Ask = { records, domain, labels, fractions, seed: options.splitSeed ?? SPLIT_SEED }
  if (options.splitHold) return byName(ask, options.splitHold)
  if (options.folds !== undefined) return planFolds(records, labels, options.folds, ask.seed)
  const by = options.splitBy ?? 'auto'
  return PLANS[by === 'auto' ? honest(ask) : by](ask)
}

const unitOf = (domain: Domain): string => ({ genomics: 'base', audio: 'sample', timeseries: 'row', text: 'symbol' })[domain]

function honest({ records, domain, labels, fractions }: Ask): Exclude<NonNullable<ImportOptions['splitBy']>, 'auto'> {
  const fixed = new Set<Split | null>()
  records.forEach((record) => fixed.add(record.fixed))
  if (fixed.has('train') && fixed.size > 1 && !fixed.has(null)) return 'published'
  if (records.every(({ group }) => group !== null) && new Set(records.map(({ group }) => group)).size >= 3) return 'group'
  if (labels && records.length >= 3) return 'stratified'
  const total = records.reduce((sum, record) => sum + record.length, 0)
  const longest = records.reduce((most, record) => Math.max(most, record.length), 0)
  const smallest = Math.min(...SPLITS.map((split) => fractions[split]).filter((fraction) => fraction > 0))
  if (domain === 'timeseries' || records.length < MANY || longest > smallest * total) return 'position'
  return domain === 'text' ? 'order' : 'random'
}

const PLANS: { readonly [K in Exclude<NonNullable<ImportOptions['splitBy']>, 'auto'>]: (ask: Ask) => SplitPlan } = {
  position({ records, domain, fractions }) {
    const each = records.length === 1 ? `The ${domain === 'timeseries' ? 'series' : 'record'}` : 'Every record'
    const order = domain === 'timeseries' ? 'in time' : 'by position'
    return {
      rule: `${each} is cut ${order}: ${percentText(fractions)}, in this order.`,
      records: records.map((record) => cutByPosition(record, fractions)),
    }
  },
  order: (ask) =>
    wholeRecords(
      ask,
      Int32Array.from({ length: ask.records.length }, (_, i) => i),
      'in file order',
    ),
  random: (ask) => wholeRecords(ask, shuffledOrder(ask.records.length, ask.seed), 'shuffled once with a fixed seed'),
  stratified({ records, labels, fractions, seed }) {
    if (!labels)
      throw new StrandError('bad-input', 'These records have no labels to divide evenly. Choose another split, or a source of labels.')
    const parts = stratify(
      records,
      records.map((_, i) => i),
      labels,
      fractions,
      seed,
    )
    const each = labels.kind === 'class' ? 'of every class' : 'of every tenth of the values'
    return { rule: `Whole records, the same share ${each}, shuffled once with a fixed seed: ${percentText(fractions)}.`, records: parts }
  },
  group({ records, fractions, seed }) {
    const groups = shuffled(groupsOf(records), seed)
    const wanted = SPLITS.filter((split) => fractions[split] > 0)
    if (groups.length < wanted.length)
      throw new StrandError(
        'bad-input',
        `There are ${count(groups.length)} groups, too few to give each of ${wanted.join(', ')} one of its own. Choose another split.`,
      )
    const parts = new Array<Split>(records.length)
    const shares = SPLITS.map((split) => fractions[split])
    const sizes = groups.map(({ members }) => members.reduce((sum, i) => sum + records.at(i)!.length, 0))
    const places = apportion(sizes, shares)
    // with few groups a small share can round to none: it then takes one from the largest
    wanted.forEach((split) => {
      const part = SPLITS.indexOf(split)
      if (places.includes(part)) return
      const counts = SPLITS.map((_, other) => places.filter((place) => place === other).length)
      places[places.lastIndexOf(counts.indexOf(Math.max(...counts)))] = part
    })
    groups.forEach(({ members }, g) => members.forEach((i) => (parts[i] = SPLITS[places[g]])))
    return {
      rule: `Whole groups, ${count(groups.length)} of them, shuffled once with a fixed seed: about ${percentText(fractions)}.`,
      records: parts,
    }
  },
  published({ records, labels, seed }) {
    const unsaid = records.findIndex(({ fixed }) => fixed === null)
    if (unsaid >= 0)
      throw new StrandError(
        'bad-input',
        `Nothing says whether "${records.at(unsaid)!.name}" trains or tests. Name the files train and test, or choose another split.`,
      )
    const parts = records.map(({ fixed }) => fixed!)
    if (!parts.includes('train'))
      throw new StrandError('bad-input', 'None of these records is said to train. Add the training file, or choose another split.')
    if (parts.includes('validation')) return { rule: 'As published: the files say which records train, validate and test.', records: parts }
    const train = parts.flatMap((part, i) => (part === 'train' ? [i] : []))
    const tenth = stratify(records, train, labels, { train: 0.9, validation: 0.1, test: 0 }, seed)
    train.forEach((i) => (parts[i] = tenth[i]))
    const how = labels?.kind === 'class' ? ' of every class' : ''
    return {
      rule: `As published: the files say which records train and test; a tenth${how} of the training records validates, drawn with a fixed seed.`,
      records: parts,
    }
  },
}

/** Gives each of `chosen` a split, every stratum in its share; answers an array over all records. */
function stratify(records: RecordList, chosen: readonly number[], labels: Labels | null, fractions: Fractions, seed: number): Split[] {
  const parts = new Array<Split>(records.length)
  const order = strata(
    chosen.map((i) => records.at(i)!),
    labels?.kind === 'number',
  ).flatMap((members, stratum) => shuffled(members, seed + stratum))
  const shares = SPLITS.map((split) => fractions[split])
  const places = apportion(
    order.map(() => 1),
    shares,
  )
  order.forEach((member, k) => (parts[chosen[member]] = SPLITS[places[k]]))
  return parts
}

function wholeRecords({ records, domain, fractions }: Ask, order: Int32Array, how: string): SplitPlan {
  const total = records.reduce((sum, record) => sum + record.length, 0)
  const parts = new Array<Split>(records.length)
  let done = 0
  for (const i of order) {
    // by the middle of the record, so a border record goes where most of it belongs
    const middle = (done + records.at(i)!.length / 2) / total
    parts[i] = middle < fractions.train ? 'train' : middle < fractions.train + fractions.validation ? 'validation' : 'test'
    done += records.at(i)!.length
  }
  if (fractions.test === 0) parts.forEach((part, i) => part === 'test' && (parts[i] = fractions.validation > 0 ? 'validation' : 'train'))
  return { rule: `Whole records, ${how}: ${percentText(fractions)} of all ${unitOf(domain)}s.`, records: parts }
}

/** Named groups or records held out, such as chromosomes 8 and 9; all others train. */
function byName({ records }: Ask, hold: NonNullable<ImportOptions['splitHold']>): SplitPlan {
  const places = new Map<string, Split>()
  for (const split of ['validation', 'test'] as const) for (const name of hold[split] ?? []) places.set(name, split)
  const used = new Set<string>()
  const parts = records.map(({ name, group }): Split => {
    const key = group !== null && places.has(group) ? group : name
    if (places.has(key)) used.add(key)
    return places.get(key) ?? 'train'
  })
  const missing = [...places.keys()].filter((name) => !used.has(name))
  if (missing.length > 0)
    throw new StrandError('bad-input', `No record and no group is named "${missing[0]}", so it cannot be held out. Check the name.`)
  if (!parts.includes('train'))
    throw new StrandError('bad-input', 'Every record is held out, so nothing is left to train on. Hold out fewer.')
  const list = (split: 'validation' | 'test'): string => (hold[split]?.length ? `${split} ${hold[split].join(', ')}` : '')
  return { rule: `Held out by name: ${[list('validation'), list('test')].filter(Boolean).join('; ')}; all others train.`, records: parts }
}
