/** Counts of features, by feature. */
export type Counts = ReadonlyMap<string | number, number>

/**
 * Multinomial naive Bayes with add-one smoothing (McCallum & Nigam 1998, eq. 6): class k's log p + Σ count · log p(feature | k). Features unseen
 * in training are left out.
 */
export class NaiveBayes {
  private readonly prior: number[]
  private readonly logs = new Map<string | number, Float64Array>()

  constructor(classes: number, train: Iterable<{ label: number; counts: Counts }>) {
    const totals = new Float64Array(classes)
    const records = new Float64Array(classes)
    for (const { label, counts } of train) {
      records[label]++
      for (const [feature, count] of counts) {
        let own = this.logs.get(feature)
        if (!own) this.logs.set(feature, (own = new Float64Array(classes)))
        own[label] += count
        totals[label] += count
      }
    }
    const all = records.reduce((a, b) => a + b, 0)
    this.prior = [...records].map((n) => Math.log((n + 1) / (all + classes)))
    for (const own of this.logs.values()) own.forEach((count, k) => (own[k] = Math.log((count + 1) / (totals[k] + this.logs.size))))
  }

  predict(counts: Counts): number {
    const scores = [...this.prior]
    for (const [feature, count] of counts) this.logs.get(feature)?.forEach((log, k) => (scores[k] += count * log))
    return scores.indexOf(Math.max(...scores))
  }
}

export function countsOf(features: Iterable<string | number>): Counts {
  const counts = new Map<string | number, number>()
  for (const feature of features) counts.set(feature, (counts.get(feature) ?? 0) + 1)
  return counts
}
