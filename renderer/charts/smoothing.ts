/**
 * Trend of a noisy curve: at each point a straight line fitted to its neighbours, weighted β^distance on both sides
 * (local linear regression, Cleveland 1979, with an exponential kernel). A moving average lags behind a falling loss and
 * lies about its first few hundred steps; a line through the neighbourhood does not.
 * Linear in the number of values. A value that is not finite stays a gap and weighs nothing.
 */
export function localTrend(values: readonly number[], beta: number): number[] {
  if (beta <= 0) return [...values]
  const before = sums(values, beta)
  const after = sums([...values].reverse(), beta).reverse()
  return values.map((value, i) => {
    if (!Number.isFinite(value)) return NaN
    const left = before[i]
    const right = after[i]
    // both sides hold the point itself; distances to the right are positive
    const s0 = left.s0 + right.s0 - 1
    const s1 = right.s1 - left.s1
    const s2 = left.s2 + right.s2
    const t0 = left.t0 + right.t0 - value
    const t1 = right.t1 - left.t1
    const determinant = s0 * s2 - s1 * s1
    return determinant > 1e-9 * s0 * s0 ? (s2 * t0 - s1 * t1) / determinant : t0 / s0
  })
}

/** Widths that the curve's own trend is made of; between them it is interpolated. */
const WIDTHS = [1, 3, 8, 20, 60, 200]

/**
 * The trend of a learning curve. Such a curve falls fastest at its start, so the neighbourhood is narrow there and grows
 * with the position, up to 1 / (1 − β) points: what one step is to the tenth, ten are to the hundredth.
 */
export function learningTrend(values: readonly number[], beta: number): number[] {
  if (beta <= 0) return [...values]
  const widest = 1 / (1 - beta)
  const widths = [...WIDTHS.filter((width) => width < widest), widest]
  const trends = widths.map((width) => (width <= 1 ? values : localTrend(values, 1 - 1 / width)))
  return values.map((_, i) => {
    const width = Math.min(widest, Math.max(1, (i + 1) / 6))
    const above = widths.findIndex((one) => one >= width)
    if (above <= 0) return trends[0][i]
    const part = Math.log(width / widths[above - 1]) / Math.log(widths[above] / widths[above - 1])
    return trends[above - 1][i] * (1 - part) + trends[above][i] * part
  })
}

interface Sums {
  /** Weights; weights × distance; weights × distance². */
  s0: number
  s1: number
  s2: number
  /** Weights × value; weights × distance × value. */
  t0: number
  t1: number
}

/** Weighted sums over each point and all before it, distances counted away from the point. */
function sums(values: readonly number[], beta: number): Sums[] {
  let last: Sums = { s0: 0, s1: 0, s2: 0, t0: 0, t1: 0 }
  return values.map((value) => {
    const { s0, s1, s2, t0, t1 } = last
    const here = Number.isFinite(value) ? 1 : 0
    last = {
      s0: beta * s0 + here,
      s1: beta * (s1 + s0),
      s2: beta * (s2 + 2 * s1 + s0),
      t0: beta * t0 + (here ? value : 0),
      t1: beta * (t1 + t0),
    }
    return last
  })
}

/** 0 … 1 of the slider → β, spread so that the useful end (0.9 … 0.995) has most of the way. */
export const betaOf = (slider: number): number => (slider <= 0 ? 0 : 1 - Math.pow(10, -2.3 * slider))
