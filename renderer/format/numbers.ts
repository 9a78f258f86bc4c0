const MINUS = '\u2212'

const signed = (text: string): string => text.replace(/^-/, MINUS)

/** 48502 → "48,502". */
export const thousands = (n: number): string =>
  signed(
    Math.round(n)
      .toString()
      .replace(/\B(?=(\d{3})+$)/g, ','),
  )

/** 12940 → ["12.9", "k"]: a number of three figures and its unit, which are set in two faces. */
export function compact(n: number): [string, string] {
  const size = Math.abs(n)
  if (size < 1000) return [signed(size < 10 && !Number.isInteger(n) ? n.toFixed(1) : Math.round(n).toString()), '']
  const [divisor, unit] = size < 999_500 ? [1e3, 'k'] : size < 999.5e6 ? [1e6, 'M'] : [1e9, 'G']
  const scaled = n / divisor
  return [signed(Math.abs(scaled) < 99.95 ? scaled.toFixed(1) : Math.round(scaled).toString()), unit]
}

export const compactText = (n: number): string => compact(n).filter(Boolean).join(' ')

/** 847_000 → ["847", "KB"], decimal units. */
export function bytes(n: number): [string, string] {
  if (n < 1000) return [n.toString(), 'bytes']
  const [divisor, unit] = n < 999_500 ? [1e3, 'KB'] : n < 999.5e6 ? [1e6, 'MB'] : [1e9, 'GB']
  const scaled = n / divisor
  return [scaled < 9.95 ? scaled.toFixed(1) : Math.round(scaled).toString(), unit]
}

export const bytesText = (n: number): string => bytes(n).join(' ')

/** A loss or score: three decimals, four figures when large. NaN has its own word. */
export function score(n: number | null | undefined, decimals = 3): string {
  if (n === null || n === undefined) return '–'
  if (!Number.isFinite(n)) return 'NaN'
  return signed(Math.abs(n) >= 1000 ? thousands(n) : n.toFixed(Math.abs(n) >= 100 ? 1 : decimals))
}

/** 0.003 → "3e-3", 0.25 → "0.25": how rates and tolerances are written. */
export function scientific(n: number, figures = 2): string {
  if (n === 0) return '0'
  const size = Math.abs(n)
  if (size >= 0.01 && size < 1000) return signed(Number(n.toPrecision(figures + 1)).toString())
  const [mantissa, exponent] = n.toExponential(figures - 1).split('e')
  return signed(`${Number(mantissa)}e${Number(exponent)}`)
}

export const percent = (fraction: number, decimals = 0): string => signed(`${(fraction * 100).toFixed(decimals)} %`)

/** A length for a style: CSS allows no space before the sign. */
export const share = (fraction: number): string => `${(Math.max(0, Math.min(1, fraction)) * 100).toFixed(2)}%`

/** "1 record", "2 records". */
export const counted = (n: number, one: string, many = `${one}s`): string => `${thousands(n)} ${n === 1 ? one : many}`
