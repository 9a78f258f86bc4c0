// Reading a command (see codes.ts for the layout). `c` is its address.
import { OPERAND_WORDS, WORD_ATTRS, WORD_OPERANDS } from "./codes";

// @ts-ignore: decorator
@inline export function attr(c: usize, i: i32): i32 { return load<i32>(c + ((WORD_ATTRS + i) << 2)); }
// @ts-ignore: decorator
@inline export function attrF(c: usize, i: i32): f32 { return load<f32>(c + ((WORD_ATTRS + i) << 2)); }
// @ts-ignore: decorator
@inline function operand(c: usize, k: i32): usize { return c + ((WORD_OPERANDS + k * OPERAND_WORDS) << 2); }
// @ts-ignore: decorator
@inline export function ptr(c: usize, k: i32): usize { return load<u32>(operand(c, k)); }
/** Bytes from one row to the next. */
// @ts-ignore: decorator
@inline export function ld(c: usize, k: i32): usize { return load<u32>(operand(c, k), 4); }
// @ts-ignore: decorator
@inline export function rows(c: usize, k: i32): i32 { return load<i32>(operand(c, k), 8); }
// @ts-ignore: decorator
@inline export function cols(c: usize, k: i32): i32 { return load<i32>(operand(c, k), 12); }

/** Four floats, of which n are there; the rest read as zero. Never reads past them. */
// @ts-ignore: decorator
@inline export function load4(p: usize, n: i32): v128 { return n >= 4 ? v128.load(p) : loadTail(p, n); }
// @ts-ignore: decorator
@inline export function store4(p: usize, v: v128, n: i32): void { if (n >= 4) v128.store(p, v); else storeTail(p, v, n); }

/**
 * Two vectors side by side. The upper first: an engine that fuses the two (wide.ts) then has nothing to add where the second would trap. At a
 * constant distance from p write the two stores with their offsets instead: an optimiser may turn p + 32 into an offset in one of them
 * alone, and V8 no longer sees that they are neighbours.
 */
// @ts-ignore: decorator
@inline export function store8(p: usize, a: v128, b: v128): void { v128.store(p, b, 16); v128.store(p, a); }

export function loadTail(p: usize, n: i32): v128 {
  let v = v128.load32_zero(p);
  if (n > 1) v = v128.load32_lane(p, v, 1, 4);
  if (n > 2) v = v128.load32_lane(p, v, 2, 8);
  return v;
}
export function storeTail(p: usize, v: v128, n: i32): void {
  v128.store32_lane(p, v, 0);
  if (n > 1) v128.store32_lane(p, v, 1, 4);
  if (n > 2) v128.store32_lane(p, v, 2, 8);
}
/** A column of four rows `step` bytes apart, of which n are there. */
export function gather4(p: usize, step: usize, n: i32): v128 {
  let v = v128.load32_zero(p);
  if (n > 1) v = v128.load32_lane(p + step, v, 1);
  if (n > 2) v = v128.load32_lane(p + 2 * step, v, 2);
  if (n > 3) v = v128.load32_lane(p + 3 * step, v, 3);
  return v;
}
export function scatter4(p: usize, step: usize, v: v128, n: i32): void {
  v128.store32_lane(p, v, 0);
  if (n > 1) v128.store32_lane(p + step, v, 1);
  if (n > 2) v128.store32_lane(p + 2 * step, v, 2);
  if (n > 3) v128.store32_lane(p + 3 * step, v, 3);
}
