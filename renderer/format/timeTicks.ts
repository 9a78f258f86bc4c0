const DAY = 86_400_000
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A moment as far as a reader needs it at this distance: time, day, month or year. UTC, so that days do not shift with the place. */
export function momentLabel(time: number, spanMs: number): string {
  const date = new Date(time)
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`
  if (spanMs < 3 * DAY) return `${day}, ${String(date.getUTCHours()).padStart(2, '0')}:${String(date.getUTCMinutes()).padStart(2, '0')}`
  if (spanMs < 200 * DAY) return day
  if (spanMs < 4 * 365 * DAY) return `${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`
  return String(date.getUTCFullYear())
}

/** Evenly spaced labels under a series: moments when times are known, else row numbers. */
export function seriesTicks(
  times: string[] | null,
  start: number,
  step: number,
  points: number,
  wanted = 7,
): { at: number; text: string }[] {
  if (points < 2) return []
  const moments = times?.map((time) => Date.parse(time)) ?? null
  const usable = moments !== null && moments.every(Number.isFinite)
  const span = usable ? moments[moments.length - 1] - moments[0] : 0
  const count = Math.min(wanted, points)
  return Array.from({ length: count }, (_, i) => {
    const index = Math.round((i * (points - 1)) / (count - 1))
    const text = usable ? momentLabel(moments[index], span) : (start + index * step + 1).toString().replace(/\B(?=(\d{3})+$)/g, ',')
    return { at: index / (points - 1), text }
  })
}
