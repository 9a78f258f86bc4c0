// See rope.ts. Units are runs of SUM_ROWS rows; a row's sines and cosines are made once for all its heads.
import { SUM_ROWS } from "../../backends/cpu/wasm/codes";
import { attr, attrF, cols, ld, load4, ptr, rows, store4 } from "../../backends/cpu/wasm/command.simd";
import { fma } from "../../backends/cpu/wasm/math.simd";

// @ts-ignore: decorator
@inline function k(x: f32): v128 { return f32x4.splat(x); }

/** cos and sin of t · quarters[i] · π/2 for i < half. Reduced in float64, then Cephes' polynomials on ±π/4. */
function turn(t: f64, quarters: usize, half: i32, cosines: usize, sines: usize): void {
  const position = f64x2.splat(t);
  for (let i = 0; i < half; i += 4) {
    const a = f64x2.mul(position, v128.load(quarters + (<usize>i << 3))), b = f64x2.mul(position, v128.load(quarters + (<usize>i << 3), 16));
    const na = f64x2.nearest(a), nb = f64x2.nearest(b);
    const n = v128.shuffle<i32>(i32x4.trunc_sat_f64x2_s_zero(na), i32x4.trunc_sat_f64x2_s_zero(nb), 0, 1, 4, 5);
    const r = v128.shuffle<i32>(f32x4.demote_f64x2_zero(f64x2.sub(a, na)), f32x4.demote_f64x2_zero(f64x2.sub(b, nb)), 0, 1, 4, 5);
    const x = f32x4.mul(r, k(1.57079637)), z = f32x4.mul(x, x);
    let s = fma(k(-1.9515295891e-4), z, k(8.3321608736e-3));
    s = fma(s, z, k(-1.6666654611e-1));
    s = fma(f32x4.mul(s, z), x, x);
    let q = fma(k(2.443315711809948e-5), z, k(-1.388731625493765e-3));
    q = fma(q, z, k(4.166664568298827e-2));
    q = fma(f32x4.mul(q, z), z, fma(k(-0.5), z, k(1)));
    const odd = i32x4.ne(v128.and(n, i32x4.splat(1)), i32x4.splat(0));
    const sign = i32x4.shl(v128.and(n, i32x4.splat(2)), 30), signOfCosine = i32x4.shl(v128.and(i32x4.add(n, i32x4.splat(1)), i32x4.splat(2)), 30);
    v128.store(sines + (<usize>i << 2), v128.xor(v128.bitselect(q, s, odd), sign));
    v128.store(cosines + (<usize>i << 2), v128.xor(v128.bitselect(s, q, odd), signOfCosine));
  }
}

/** Operands x, y, then positions if attr 5 is set; attrs seqlen, heads, head_dim, rotary_dim, inverse, positions, ratio in two parts. */
export function rope(c: usize, u: i32, local: usize): void {
  const seqlen = attr(c, 0), heads = attr(c, 1), width = attr(c, 2), rotary = attr(c, 3), half = rotary >> 1;
  const r0 = u * SUM_ROWS, r1 = min(rows(c, 0), r0 + SUM_ROWS), n = cols(c, 0);
  const ratio = <f64>attrF(c, 6) + <f64>attrF(c, 7), padded = (half + 3) & ~3;
  const cosines = local, sines = local + (<usize>padded << 2), quarters = local + (<usize>padded << 3);
  let frequency: f64 = 0.6366197723675814;
  for (let i = 0; i < padded; i++) { store<f64>(quarters + (<usize>i << 3), i < half ? frequency : 0); frequency *= ratio; }
  const turned = f32x4.splat(attr(c, 4) ? -1 : 1);
  for (let r = r0; r < r1; r++) {
    const x = ptr(c, 0) + <usize>r * ld(c, 0), y = ptr(c, 1) + <usize>r * ld(c, 1);
    turn(attr(c, 5) ? <f64>load<f32>(ptr(c, 2) + <usize>r * ld(c, 2)) : <f64>(r % seqlen), quarters, half, cosines, sines);
    for (let h = 0; h < heads; h++) {
      const first = <usize>(h * width) << 2, second = first + (<usize>half << 2);
      for (let i = 0; i < half; i += 4) {
        const at = <usize>i << 2, m = half - i;
        const a = load4(x + first + at, m), b = load4(x + second + at, m);
        const cos = v128.load(cosines + at), sin = f32x4.mul(v128.load(sines + at), turned);
        store4(y + first + at, f32x4.sub(f32x4.mul(a, cos), f32x4.mul(b, sin)), m);
        store4(y + second + at, f32x4.add(f32x4.mul(b, cos), f32x4.mul(a, sin)), m);
      }
      if (x != y && rotary < width) memory.copy(y + first + (<usize>rotary << 2), x + first + (<usize>rotary << 2), <usize>(width - rotary) << 2);
    }
    if (x != y && heads * width < n) memory.copy(y + (<usize>(heads * width) << 2), x + (<usize>(heads * width) << 2), <usize>(n - heads * width) << 2);
  }
}
