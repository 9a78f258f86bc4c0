/** Time left as a person says it: "4 min left", "under 1 min left", "2 h 10 min left". */
export const timeLeft = (seconds: number): string => `${roughly(seconds)} left`

/** "4 min", "under 1 min", "2 h 10 min". */
export function roughly(seconds: number): string {
  if (seconds < 10) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < 45) return 'under 1 min'
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${Math.max(1, minutes)} min`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

/** Time spent, to the second: "48 s", "6 min 36 s", "1 h 04 min". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return whole % 60 ? `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s` : `${whole / 60} min`
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`
}

/** "now", "12 min ago", "2 h ago", "yesterday", "Tuesday", "3 Mar". */
export function ago(iso: string, now: Date = new Date()): string {
  const then = new Date(iso)
  const seconds = (now.getTime() - then.getTime()) / 1000
  if (seconds < 60) return 'now'
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  const midnight = new Date(now)
  midnight.setHours(0, 0, 0, 0)
  const days = Math.ceil((midnight.getTime() - then.getTime()) / 86_400_000)
  if (days <= 0) return `${Math.floor(seconds / 3600)} h ago`
  if (days === 1) return 'yesterday'
  if (days < 7) return then.toLocaleDateString('en-GB', { weekday: 'long' })
  return then.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
}
