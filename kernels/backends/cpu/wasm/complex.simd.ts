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
  let p: f64 = 1.6059043836821613e-10;
  p = p * r + 2.08767569878681e-9; p = p * r + 2.505210838544172e-8; p = p * r + 2.755731922398589e-7; p = p * r + 2.7557319223985893e-6;
  p = p * r + 2.48015873015873e-5; p = p * r + 1.984126984126984e-4; p = p * r + 1.388888888888889e-3; p = p * r + 8.333333333333333e-3;
  p = p * r + 4.1666666666666664e-2; p = p * r + 0.16666666666666666; p = p * r + 0.5; p = p * r + 1; p = p * r + 1;
  return p * reinterpret<f64>((<i64>k + 1023) << 52);
}

/** sin of y + quadrant · π/2. */
export function sin64(y: f64, quadrant: i32): f64 {
  const k = nearest<f64>(y * 0.63661977236758134308);
  const r = (y - k * HALF_PI_HI) - k * HALF_PI_LO, r2 = r * r;
  const q = (<i32>k + quadrant) & 3;
  let p: f64;
  if (q & 1) {
    p = 4.779477332387385e-14;
    p = p * r2 - 1.1470745597729725e-11; p = p * r2 + 2.08767569878681e-9; p = p * r2 - 2.755731922398589e-7; p = p * r2 + 2.48015873015873e-5;
    p = p * r2 - 1.388888888888889e-3; p = p * r2 + 4.1666666666666664e-2; p = p * r2 - 0.5; p = p * r2 + 1;
  } else {
    p = 2.8114572543455206e-15;
    p = p * r2 - 7.647163731819816e-13; p = p * r2 + 1.6059043836821613e-10; p = p * r2 - 2.505210838544172e-8; p = p * r2 + 2.7557319223985893e-6;
    p = p * r2 - 1.984126984126984e-4; p = p * r2 + 8.333333333333333e-3; p = p * r2 - 0.16666666666666666; p = (p * r2 + 1) * r;
  }
  return q & 2 ? -p : p;
}
