export type Point = [x: number, y: number]

/**
 * Largest-Triangle-Three-Buckets (Steinarsson 2013): keeps the points that shape a line. First and last always stay.
 * Gaps (NaN) are dropped from the buckets they share with finite values.
 */
export function lttb(points: readonly Point[], limit: number): Point[] {
  if (points.length <= limit || limit < 3) return [...points]
  const kept: Point[] = [points[0]]
  const size = (points.length - 2) / (limit - 2)
  let last = points[0]
  for (let bucket = 0; bucket < limit - 2; bucket++) {
    const from = Math.floor(bucket * size) + 1
    const to = Math.floor((bucket + 1) * size) + 1
    const [nextX, nextY] = mean(points, to, Math.min(Math.floor((bucket + 2) * size) + 1, points.length))
    let best = points[from]
    let bestArea = -1
    for (let i = from; i < to; i++) {
      const [x, y] = points[i]
      const area = Math.abs((last[0] - nextX) * (y - last[1]) - (last[0] - x) * (nextY - last[1]))
      if (area > bestArea) {
        bestArea = area
        best = points[i]
      }
    }
    kept.push(best)
    last = best
  }
  kept.push(points[points.length - 1])
  return kept
}

function mean(points: readonly Point[], from: number, to: number): Point {
  let x = 0
  let y = 0
  let count = 0
  for (let i = from; i < to; i++) {
    if (!Number.isFinite(points[i][1])) continue
    x += points[i][0]
    y += points[i][1]
    count++
  }
  return count ? [x / count, y / count] : points[Math.min(from, points.length - 1)]
}

/** Lowest and highest point of each bucket, in order: for noise, where a spike must not disappear. */
export function minMax(points: readonly Point[], limit: number): Point[] {
  if (points.length <= limit) return [...points]
  const buckets = Math.max(1, Math.floor(limit / 2))
  const kept: Point[] = []
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = Math.floor((bucket * points.length) / buckets)
    const to = Math.floor(((bucket + 1) * points.length) / buckets)
    let low = from
    let high = from
    for (let i = from + 1; i < to; i++) {
      if (points[i][1] < points[low][1]) low = i
      if (points[i][1] > points[high][1]) high = i
    }
    kept.push(points[Math.min(low, high)])
    if (low !== high) kept.push(points[Math.max(low, high)])
  }
  return kept
}

/** Means of neighbours, so that a trend of a very long curve costs as much as one of `limit` points. Each stands at its last x. */
export function bucketMeans(points: readonly Point[], limit: number): Point[] {
  const stride = Math.ceil(points.length / limit)
  if (stride <= 1) return [...points]
  const means: Point[] = []
  for (let from = 0; from < points.length; from += stride) {
    const to = Math.min(points.length, from + stride)
    let sum = 0
    let count = 0
    for (let i = from; i < to; i++) {
      if (!Number.isFinite(points[i][1])) continue
      sum += points[i][1]
      count++
    }
    means.push([points[to - 1][0], count ? sum / count : NaN])
  }
  return means
}
