// See window_step.ts. Operands x, state, window; a unit is one sequence.
import { cols, ld, ptr } from "../../backends/cpu/wasm/command.simd";

export function windowStep(c: usize, b: i32): void {
  const x = ptr(c, 0) + <usize>b * ld(c, 0), state = ptr(c, 1) + <usize>b * ld(c, 1), window = ptr(c, 2) + <usize>b * ld(c, 2);
  const kept = <usize>cols(c, 1) << 2, added = <usize>cols(c, 0) << 2;
  memory.copy(window, state, kept);
  memory.copy(window + kept, x, added);
  memory.copy(state, window + added, kept);
}
