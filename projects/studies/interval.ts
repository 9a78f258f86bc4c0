/** Student's t at 97.5 % for 1, 2, … degrees of freedom. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]

/** The 95 % interval of the mean of 2 to 10 independent values, by Student's t. Throws for others. */
export function interval95(values: readonly number[]): [low: number, high: number] {
  const n = values.length
  const t = T[n - 2]
  if (t === undefined) throw new Error(`An interval is known for 2 to ${T.length + 1} values, not for ${n}.`)
  const mean = values.reduce((a, b) => a + b, 0) / n
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)
  const half = t * Math.sqrt(variance / n)
  return [mean - half, mean + half]
}
