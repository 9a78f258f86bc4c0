/** A round step near `span / count`: 1, 2, 2.5 or 5 times a power of ten. */
export function niceStep(span: number, count: number): number {
  const rough = span / count
  const power = Math.pow(10, Math.floor(Math.log10(rough)))
  const lead = rough / power
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 2.5 ? 2.5 : lead <= 5 ? 5 : 10) * power
}

/** Round ends and step that hold every value. Axes that grow with a run then move in whole steps, not with each point. */
export function niceRange(low: number, high: number, count = 5): { min: number; max: number; interval: number } {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { min: 0, max: 1, interval: 0.25 }
  const interval = niceStep(high - low || Math.abs(high) || 1, count)
  // one rounding error more must not cost a whole step
  const slack = interval * 1e-9
  const min = Math.floor((low + slack) / interval) * interval
  const max = Math.ceil((high - slack) / interval) * interval
  return { min, max: max > min ? max : min + interval, interval }
}

/** Decimals that tell neighbouring ticks apart: 0.25 needs two, 0.5 one. */
export function decimalsOf(interval: number): number {
  const [mantissa, exponent] = Number(interval.toPrecision(4)).toExponential().split('e')
  return Math.max(0, Math.min(8, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent)))
}

/** How tall the picture may be: outliers above are cut, and the header says so. Null when nothing is cut. */
export function cutAbove(values: readonly number[], atLeast: number): number | null {
  const finite = values.filter(Number.isFinite)
  if (finite.length < 20) return null
  const sorted = [...finite].sort((a, b) => a - b)
  const highest = sorted[sorted.length - 1]
  const lowest = sorted[0]
  const usual = Math.max(sorted[Math.floor(sorted.length * 0.97)], atLeast)
  if (highest - lowest <= (usual - lowest) * 1.35) return null
  return niceRange(lowest, usual + (usual - lowest) * 0.06, 6).max
}
