/** Strength of the penalty; one-hot features are 0 or 1, so 1 is one observation against each weight. */
const LAMBDA = 1

/**
 * Ridge regression of one-hot classes on one-hot features (Hoerl & Kennard 1970): W = (XᵀX + λI)⁻¹ Xᵀ(Y − Ȳ) with X centred, the largest output
 * is the class. A record is the list of its features that are 1.
 */
export class OneHotRidge {
  private readonly weights: Float64Array
  private readonly bias: Float64Array
  private readonly classes: number

  constructor(classes: number, features: number, train: readonly { label: number; ones: ArrayLike<number> }[]) {
    const [n, d, K] = [train.length, features, classes]
    const gram = new Float64Array(d * d)
    const cross = new Float64Array(d * K)
    const mean = new Float64Array(d)
    const share = new Float64Array(K)
    for (const { label, ones } of train) {
      share[label] += 1 / n
      for (let i = 0; i < ones.length; i++) {
        const a = ones[i]
        mean[a] += 1 / n
        cross[a * K + label]++
        for (let j = 0; j < ones.length; j++) gram[a * d + ones[j]]++
      }
    }
    for (let a = 0; a < d; a++) {
      for (let b = 0; b < d; b++) gram[a * d + b] -= n * mean[a] * mean[b]
      for (let k = 0; k < K; k++) cross[a * K + k] -= n * mean[a] * share[k]
      gram[a * d + a] += LAMBDA
    }
    solve(gram, d, cross, K)
    this.classes = K
    this.weights = cross
    this.bias = share.map((own, k) => {
      let sum = own
      for (let a = 0; a < d; a++) sum -= mean[a] * cross[a * K + k]
      return sum
    })
  }

  predict(ones: ArrayLike<number>): number {
    const K = this.classes
    const scores = [...this.bias]
    for (let i = 0; i < ones.length; i++) for (let k = 0; k < K; k++) scores[k] += this.weights[ones[i] * K + k]
    return scores.indexOf(Math.max(...scores))
  }
}

/** A x = b in place for K right sides, A (d, d) symmetric positive definite: Cholesky, then two substitutions. */
function solve(A: Float64Array, d: number, b: Float64Array, K: number): void {
  for (let j = 0; j < d; j++) {
    for (let i = j; i < d; i++) {
      let sum = A[i * d + j]
      for (let t = 0; t < j; t++) sum -= A[i * d + t] * A[j * d + t]
      A[i * d + j] = i === j ? Math.sqrt(sum) : sum / A[j * d + j]
    }
  }
  for (let k = 0; k < K; k++) {
    for (let i = 0; i < d; i++) {
      let sum = b[i * K + k]
      for (let t = 0; t < i; t++) sum -= A[i * d + t] * b[t * K + k]
      b[i * K + k] = sum / A[i * d + i]
    }
    for (let i = d - 1; i >= 0; i--) {
      let sum = b[i * K + k]
      for (let t = i + 1; t < d; t++) sum -= A[t * d + i] * b[t * K + k]
      b[i * K + k] = sum / A[i * d + i]
    }
  }
}
