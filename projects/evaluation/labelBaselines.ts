import { cropAt, openLabelledRecords, type Labelled, type LabelledRecords } from '../../datasets/batching/labelledRecords.ts'
import type { ReadableStore } from '../../datasets/store/store.ts'
import type { Split } from '../../main/contract/dataset.ts'
import type { Baseline } from '../../main/contract/run.ts'
import type { DatasetFacts } from '../config/facts.ts'
import { countsOf, NaiveBayes, type Counts } from './classifiers/naiveBayes.ts'
import { Nearest, resampled } from './classifiers/nearest.ts'
import { OneHotRidge } from './classifiers/ridge.ts'
import { soundFeatures, SOUND_FEATURES } from '../../datasets/audio/soundFeatures.ts'

/** Records a baseline is fitted on and judged by, spread evenly; more would only take longer. */
const FIT = 20_000
const JUDGE = 5000
/** Training records that nearest neighbours keep. */
const NEIGHBOURS = 4000
/** Numbers of a record that nearest neighbours compare. */
const MOST_NUMBERS = 512
/** Of a sequence whose bases are features one by one. */
const LONGEST_ONE_HOT = 260
/** Cells of a record that a baseline reads. */
const MOST_CELLS = 65_536
const KMER = 4

/** Symbols one by one, whatever tokens the model reads: a baseline says the same beside each. */
const reading = ({ domain, fold }: DatasetFacts): { fold: number; as: 'units' | 'values' } => ({
  fold,
  as: domain === 'genomics' || domain === 'text' ? 'units' : 'values',
})

/** −ln p of a class under the class frequencies of the training records, each seen once more than it was: what knowing nothing costs. */
export function classFrequencies(store: ReadableStore, facts: DatasetFacts, split: Split): Baseline {
  const counts = countClasses(openLabelledRecords(store, facts.id, 'train', reading(facts)))
  const total = counts.reduce((a, b) => a + b + 1, 0)
  const { records } = openLabelledRecords(store, facts.id, split, reading(facts))
  const nats = records.reduce((sum, { label }) => sum - Math.log((counts[label] + 1) / total), 0) / records.length
  return { name: 'class frequencies', value: nats }
}

/** Shares right without a neural model, on the records the run is judged by: the largest class, and what is usual for the kind of data. */
export function labelBaselines(store: ReadableStore, facts: DatasetFacts, split: Split): Baseline[] {
  const all = {
    train: openLabelledRecords(store, facts.id, 'train', reading(facts)),
    test: openLabelledRecords(store, facts.id, split, reading(facts)),
  }
  const counts = countClasses(all.train)
  const largest = counts.indexOf(Math.max(...counts))
  const share = (predict: (record: Labelled) => number, records: readonly Labelled[]): number =>
    records.filter((record) => predict(record) === record.label).length / records.length
  const sample = { train: spread(all.train.records, FIT), test: spread(all.test.records, JUDGE) }
  const others = CLASSIFIERS[facts.domain](facts, all, sample.train).map(({ name, predict }) => ({
    name,
    value: share(predict, sample.test),
  }))
  return [{ name: 'always the largest class', value: share(() => largest, all.test.records) }, ...others]
}

interface Classifier {
  name: string
  /** Of a record of the split that is judged. */
  predict(record: Labelled): number
}
type Both = { train: LabelledRecords; test: LabelledRecords }

const CLASSIFIERS: Readonly<Record<DatasetFacts['domain'], (facts: DatasetFacts, both: Both, train: readonly Labelled[]) => Classifier[]>> =
  {
    genomics: (_facts, both, train) => [
      ...oneHotRidge(both, train),
      bayes(`naive Bayes on ${KMER}-mers`, both, train, kmers(both.train.codec!.vocab)),
    ],
    text: (_facts, both, train) => {
      const codec = both.train.codec!
      return [bayes('naive Bayes on words', both, train, (ids) => codec.decode(ids).toLowerCase().split(/\s+/).filter(Boolean))]
    },
    timeseries: ({ channels }, both, train) => {
      const longest = Math.max(...train.map(({ length }) => length))
      const rows = Math.max(1, Math.min(longest, Math.floor(MOST_NUMBERS / channels.length)))
      return [nearest('1 nearest neighbour', both, train, rows * channels.length, (values) => resampled(values, channels.length, rows))]
    },
    audio: (_facts, both, train) => [nearest('1 nearest neighbour on spectra', both, train, SOUND_FEATURES, soundFeatures)],
  }

function bayes(
  name: string,
  { train, test }: Both,
  records: readonly Labelled[],
  features: (ids: ArrayLike<number>) => Iterable<string | number>,
): Classifier {
  const counts = (data: LabelledRecords, record: Labelled): Counts => {
    const { start, count } = cropAt(record.length, MOST_CELLS)
    return countsOf(features(data.read(record, start, count)))
  }
  const model = new NaiveBayes(
    train.classes.length,
    records.map((record) => ({ label: record.label, counts: counts(train, record) })),
  )
  return { name, predict: (record) => model.predict(counts(test, record)) }
}

/** Overlapping k-mers of ids below `vocab`, each as a number. */
const kmers = (vocab: number) =>
  function* (ids: ArrayLike<number>): Generator<number> {
    let key = 0
    for (let i = 0; i < ids.length; i++) {
      key = (key * vocab + ids[i]) % vocab ** KMER
      if (i >= KMER - 1) yield key
    }
  }

/** Only of sequences of one length: a position then means the same in all. */
function oneHotRidge({ train, test }: Both, records: readonly Labelled[]): Classifier[] {
  const { length } = records[0]
  const same = [...train.records, ...test.records].every((record) => record.length === length)
  if (!same || length > LONGEST_ONE_HOT || train.codec!.symbols?.slice(0, 4).join('') !== 'ACGT') return []
  const ones = (data: LabelledRecords, record: Labelled): number[] =>
    Array.from(data.read(record, 0, length)).flatMap((base, i) => (base < 4 ? [4 * i + base] : []))
  const model = new OneHotRidge(
    train.classes.length,
    4 * length,
    records.map((record) => ({ label: record.label, ones: ones(train, record) })),
  )
  return [{ name: 'ridge regression on one-hot bases', predict: (record) => model.predict(ones(test, record)) }]
}

function nearest(
  name: string,
  { train, test }: Both,
  all: readonly Labelled[],
  size: number,
  describe: (values: Float32Array) => Float32Array,
): Classifier {
  const read = (data: LabelledRecords, record: Labelled): Float32Array => {
    const { start, count } = cropAt(record.length, MOST_CELLS)
    return describe(Float32Array.from(data.read(record, start, count)))
  }
  const records = spread(all, NEIGHBOURS)
  const vectors = new Float32Array(records.length * size)
  records.forEach((record, i) => vectors.set(read(train, record), i * size))
  const model = new Nearest(
    vectors,
    size,
    records.map(({ label }) => label),
  )
  return { name, predict: (record) => model.predict(read(test, record)) }
}

function countClasses({ records, classes }: LabelledRecords): number[] {
  const counts = new Array<number>(classes.length).fill(0)
  for (const { label } of records) counts[label]++
  return counts
}

const spread = <T>(items: readonly T[], most: number): readonly T[] =>
  items.length <= most ? items : Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)])
