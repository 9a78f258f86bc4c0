// exp, sin and cos in float64 for the few numbers a kernel derives its constants from. Polynomials are Taylor series on reduced ranges,
// long enough that rounding is all that is left. Arguments beyond 1e6 radians lose digits of the phase, as the float32 they came from did.

// ln 2 and π/2, each as a part with few bits and the rest
const LN2_HI: f64 = 0.693147180369123816490, LN2_LO: f64 = 1.90821492927058770002e-10;
const HALF_PI_HI: f64 = 1.57079632673412561417, HALF_PI_LO: f64 = 6.07710050650619224932e-11;

/** e^x; arguments are held to ±700. */
export function exp64(x: f64): f64 {
  x = min<f64>(max<f64>(x, -700), 700);
  const k = nearest<f64>(x * 1.44269504088896340736);
  const r = (x - k * LN2_HI) - k * LN2_LO;
  let p: f64 = 1;
  for (let i: f64 = 14; i > 0; i -= 1) p = 1 + p * r / i;
  return p * reinterpret<f64>((<i64>k + 1023) << 52);
}

/** sin of y + quadrant · π/2. */
export function sin64(y: f64, quadrant: i32): f64 {
  const k = nearest<f64>(y * 0.63661977236758134308);
  const r = (y - k * HALF_PI_HI) - k * HALF_PI_LO, r2 = r * r;
  const q = (<i32>k + quadrant) & 3;
  let p: f64 = 1;
  if (q & 1) for (let i: f64 = 16; i > 0; i -= 2) p = 1 - p * r2 / (i * (i - 1));
  else {
    for (let i: f64 = 16; i > 0; i -= 2) p = 1 - p * r2 / (i * (i + 1));
    p *= r;
  }
  return q & 2 ? -p : p;
}
