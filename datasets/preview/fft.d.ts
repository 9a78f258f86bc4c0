/** The part of fft.js that is used; the package carries no types. */
declare module 'fft.js' {
  export default class FFT {
    /** A power of two above 1. */
    constructor(size: number)
    /** Interleaved re, im; as long as 2 × size. */
    createComplexArray(): number[]
    /** Fills the first half of the spectrum of real input. */
    transform(out: ArrayLike<number>, data: ArrayLike<number>): void
    realTransform(output: number[], input: ArrayLike<number>): void
  }
}
