/** Weight of the squared coefficients beside the squared errors. */
const LAMBDA = 1
const BASES = [...'ACGT'].map((letter) => letter.charCodeAt(0))

/**
 * Ridge regression (Hoerl & Kennard 1970) from the one-hot letters of equally long sequences to one-hot classes; the largest answer is the class.
 * Letters other than A, C, G, T are four zeros. Answers the share of records right, each judged by the model of the folds it is not in.
 */
export function oneHotRidge(letters: readonly Uint8Array[], labels: readonly number[], classes: number, folds: readonly number[]): number {
  const width = 4 * letters[0].length + 1
  const features = letters.map((sequence) => featuresOf(sequence))
  let right = 0
  for (const fold of new Set(folds)) {
    const gram = new Float64Array(width * width)
    const moments = new Float64Array(width * classes)
    features.forEach((set, i) => {
      if (folds[i] === fold) return
      for (const a of set) {
        for (const b of set) gram[a * width + b]++
        moments[a * classes + labels[i]]++
      }
    })
    // the constant, the last feature, is not held small
    for (let a = 0; a < width - 1; a++) gram[a * width + a] += LAMBDA
    const weights = solve(gram, moments, width, classes)
    features.forEach((set, i) => {
      if (folds[i] !== fold) return
      const answer = new Float64Array(classes)
      for (const a of set) for (let c = 0; c < classes; c++) answer[c] += weights[a * classes + c]
      if (answer.indexOf(Math.max(...answer)) === labels[i]) right++
    })
  }
  return right / features.length
}

/** Which features are 1. */
function featuresOf(sequence: Uint8Array): number[] {
  const set: number[] = []
  sequence.forEach((letter, at) => {
    const base = BASES.indexOf(letter)
    if (base >= 0) set.push(4 * at + base)
  })
  set.push(4 * sequence.length)
  return set
}

/** X of A X = B by Cholesky: A (n, n) symmetric and positive definite, B (n, columns). Overwrites both. */
function solve(a: Float64Array, b: Float64Array, n: number, columns: number): Float64Array {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k]
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]
    }
  }
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < n; i++) {
      let sum = b[i * columns + c]
      for (let k = 0; k < i; k++) sum -= a[i * n + k] * b[k * columns + c]
      b[i * columns + c] = sum / a[i * n + i]
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = b[i * columns + c]
      for (let k = i + 1; k < n; k++) sum -= a[k * n + i] * b[k * columns + c]
      b[i * columns + c] = sum / a[i * n + i]
    }
  }
  return b
}
