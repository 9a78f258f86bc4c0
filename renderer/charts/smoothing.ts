/**
 * Exponential moving average with the bias of its start taken out (Kingma & Ba 2014, §3): s_t / (1 − βᵗ).
 * A plain average starts at zero, or lags, and lies over the first few hundred steps.
 * A value that is not finite stays a gap and does not enter the average.
 */
export function debiasedEma(values: readonly number[], beta: number): number[] {
  let average = 0
  let weight = 1
  return values.map((value) => {
    if (!Number.isFinite(value)) return NaN
    average = beta * average + (1 - beta) * value
    weight *= beta
    return average / (1 - weight)
  })
}

/** 0 … 1 of the slider → β, spread so that the useful end (0.9 … 0.995) has most of the way. */
export const betaOf = (slider: number): number => (slider <= 0 ? 0 : 1 - Math.pow(10, -2.3 * slider))
