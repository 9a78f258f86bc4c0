// One gate of a recurrent cell for `n` units: the activation of x + bias + pre to `pre`, where the cell goes on, and to `out`, which the
// gradient reads. A loop of its own for each gate: the exponentials of several units then overlap, while in one long body each is waited for.
import { load4, store4, store8 } from "../../backends/cpu/wasm/command.simd";
import { sigmoid4, tanh4 } from "../../backends/cpu/wasm/math.simd";

// @ts-ignore: decorator
@inline export function gateSum(x: usize, bias: usize, pre: usize, left: i32): v128 {
  return f32x4.add(f32x4.add(load4(x, left), load4(bias, left)), v128.load(pre));
}
// @ts-ignore: decorator
@inline export function wholeSum(x: v128, bias: v128, pre: v128): v128 { return f32x4.add(f32x4.add(x, bias), pre); }
export function sigmoidGate(n: i32, x: usize, bias: usize, pre: usize, out: usize): void {
  for (; n >= 8; n -= 8, x += 32, bias += 32, pre += 32, out += 32) {
    const s0 = wholeSum(v128.load(x), v128.load(bias), v128.load(pre)), s1 = wholeSum(v128.load(x, 16), v128.load(bias, 16), v128.load(pre, 16));
    const v0 = sigmoid4(s0), v1 = sigmoid4(s1);
    store8(pre, v0, v1);
    store8(out, v0, v1);
  }
  for (; n > 0; n -= 4, x += 16, bias += 16, pre += 16, out += 16) {
    const v = sigmoid4(gateSum(x, bias, pre, n));
    v128.store(pre, v);
    store4(out, v, n);
  }
}
export function tanhGate(n: i32, x: usize, bias: usize, pre: usize, out: usize): void {
  for (; n >= 8; n -= 8, x += 32, bias += 32, pre += 32, out += 32) {
    const s0 = wholeSum(v128.load(x), v128.load(bias), v128.load(pre)), s1 = wholeSum(v128.load(x, 16), v128.load(bias, 16), v128.load(pre, 16));
    const v0 = tanh4(s0), v1 = tanh4(s1);
    store8(pre, v0, v1);
    store8(out, v0, v1);
  }
  for (; n > 0; n -= 4, x += 16, bias += 16, pre += 16, out += 16) {
    const v = tanh4(gateSum(x, bias, pre, n));
    v128.store(pre, v);
    store4(out, v, n);
  }
}
