/** Share of the variance of `truth` that `said` explains, R² = 1 − Σ(t − s)² / Σ(t − t̄)²: 1 at best, 0 for the mean, below it for worse. Null where all truth is the same. */
export function explained(truth: readonly number[], said: readonly number[]): number | null {
  const mean = truth.reduce((a, b) => a + b, 0) / truth.length
  const [left, all] = truth.reduce(([l, a], t, i) => [l + (t - said[i]) ** 2, a + (t - mean) ** 2], [0, 0])
  return all > 0 ? 1 - left / all : null
}

/** Spearman's rank correlation (1904), equal values sharing the mean of their ranks. Null where one side is all the same. */
export function spearman(a: readonly number[], b: readonly number[]): number | null {
  const [x, y] = [ranks(a), ranks(b)]
  const middle = (a.length - 1) / 2
  const [xy, xx, yy] = x.reduce(
    (sums, r, i) => [sums[0] + (r - middle) * (y[i] - middle), sums[1] + (r - middle) ** 2, sums[2] + (y[i] - middle) ** 2],
    [0, 0, 0],
  )
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : null
}

/** From 0; equal values share the mean of theirs. */
function ranks(values: readonly number[]): Float64Array {
  const order = [...values.keys()].sort((i, j) => values[i] - values[j])
  const out = new Float64Array(values.length)
  for (let from = 0; from < order.length;) {
    let to = from + 1
    while (to < order.length && values[order[to]] === values[order[from]]) to++
    for (let k = from; k < to; k++) out[order[k]] = (from + to - 1) / 2
    from = to
  }
  return out
}
