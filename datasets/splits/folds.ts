import type { Labels } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import type { CodecJson } from '../codec.ts'
import { StrandError } from '../errors.ts'
import { count } from '../importing/source.ts'
import type { RecordList, SplitPlan } from '../store/store.ts'
import { splitOfFold } from './splitOfFold.ts'
import { apportion, groupsOf, shuffled, strata } from './assign.ts'

/** Fewer leave nothing to train on beside the fold that tests and the one that validates. */
const FEWEST = 3

/**
 * Cross-validation: every record is in one fold, and a run chooses which fold tests. `folds` 'groups' leaves one group out at a time; a number
 * divides groups where every record has one, else the records, the same share of every class.
 */
export function planFolds(records: RecordList, labels: Labels | null, folds: NonNullable<ImportOptions['folds']>, seed: number): SplitPlan {
  const grouped = records.every(({ group }) => group !== null)
  if (folds === 'groups' && !grouped)
    throw new StrandError(
      'bad-input',
      `"${records.find(({ group }) => group === null)!.name}" has no group, so no group can be left out. Name where groups come from, or choose a number of folds.`,
    )
  const units = grouped ? groupsOf(records) : records.map(({ name }, i) => ({ name, members: [i] }))
  const n = folds === 'groups' ? units.length : folds
  const what = grouped ? 'groups' : 'records'
  if (!Number.isInteger(n) || n < FEWEST || n > units.length)
    throw new StrandError(
      'bad-input',
      `${count(n)} folds do not go with ${count(units.length)} ${what}: one fold tests, one validates and the others train, so it takes ${FEWEST} folds or more, each with something in it.`,
    )
  const of = new Array<number>(records.length)
  if (folds === 'groups') units.forEach(({ members }, fold) => members.forEach((i) => (of[i] = fold)))
  else if (grouped) {
    const order = shuffled(units, seed).sort((a, b) => b.members.length - a.members.length)
    const places = apportion(
      order.map(({ members }) => members.length),
      new Array<number>(n).fill(1 / n),
    )
    order.forEach(({ members }, u) => members.forEach((i) => (of[i] = places[u])))
  } else
    strata(records, labels?.kind === 'number')
      .flatMap((members, stratum) => shuffled(members, seed + stratum))
      .forEach((i, k) => (of[i] = k % n))
  const share = grouped ? 'whole groups' : labels ? 'the same share of every class' : 'a share of the records'
  const rule =
    folds === 'groups'
      ? `Leave one group out: each of ${count(n)} folds tests one group, the next validates, the others train.`
      : `Cross-validation: each of ${count(n)} folds, drawn with a fixed seed, tests ${share}; the next fold validates, the others train.`
  return {
    rule,
    records: of.map((fold) => splitOfFold(fold, 0, n)),
    folds: { count: n, of },
  }
}

/** The same plan while another fold tests: what a codec fitted on training records is fitted on. */
export function planOfFold(plan: SplitPlan, fold: number): SplitPlan {
  const { count: n, of } = plan.folds!
  return { ...plan, records: of.map((own) => splitOfFold(own, fold, n)) }
}

/** A codec fitted for each fold; nothing where there are no folds, or nothing is fitted. */
export function fitFolds(plan: SplitPlan, codec: CodecJson | ((plan: SplitPlan) => CodecJson)): { foldCodecs?: CodecJson[] } {
  if (!plan.folds || typeof codec !== 'function') return {}
  return { foldCodecs: Array.from({ length: plan.folds.count }, (_, fold) => codec(planOfFold(plan, fold))) }
}
