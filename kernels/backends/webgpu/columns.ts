import type { Operand } from '../../graph/plan.ts'
import { bindOperands, ceilDiv, type Dispatch, kernel, line, part, range, reads, type Target, writes } from './wgsl.ts'

/** Slices of the rows summed apart before the slices are summed: depends on the shape only. */
export const rowSlices = (rows: number, cols: number): number =>
  rows <= 256 ? 1 : Math.max(1, Math.min(ceilDiv(rows, 64), ceilDiv(65536, cols), 256))

const LANES = 4

/**
 * y (1, cols) = Σ over rows of `term`, in a fixed order: within slices first, then over slices. `term` is WGSL over the inputs' names at
 * row r, column c; a row operand of G columns has one value for each of G equal slices of the columns. `scratch` holds slices × cols
 * elements when there is more than one slice.
 */
export function sumColumns(
  label: string,
  inputs: Record<string, Operand>,
  term: string,
  output: Operand,
  scratch: Operand | null,
  target: Target,
  rowOperands: Record<string, Operand> = {},
): Dispatch[] {
  const { rows } = Object.values(inputs)[0]
  const cols = output.cols
  const slices = rowSlices(rows, cols)
  const width = target.software ? 8 : 32
  const tiles = ceilDiv(cols, width)
  const perSlice = ceilDiv(rows, slices)
  const bound = bindOperands({
    ...Object.fromEntries(Object.entries({ ...inputs, ...rowOperands }).map(([k, o]) => [k, reads(o)])),
    result: slices > 1 ? part(scratch!, 0, slices * cols, { write: true }) : writes(output),
  } as Record<string, ReturnType<typeof reads>>)
  const lets = [
    ...Object.keys(inputs).map((k) => `let ${k} = ${bound.views[k].get('r', 'c')};`),
    ...Object.entries(rowOperands).map(([k, o]) => `let ${k} = ${bound.views[k].get('r', o.cols === 1 ? '0u' : `c / ${cols / o.cols}u`)};`),
  ]
  const first = kernel({
    label,
    bound,
    workgroup: width * LANES,
    groups: [tiles, slices, 1],
    globals: `var<workgroup> sums: array<f32, ${width * LANES}>;`,
    body: `let lane = li / ${width}u; let col = wid.x * ${width}u + li % ${width}u; let c = min(col, ${cols - 1}u);
var sum = 0.0;
let last = min((wid.y + 1u) * ${perSlice}u, ${rows}u);
for (var r = wid.y * ${perSlice}u + lane; r < last; r += ${LANES}u) { ${lets.join(' ')} sum += ${term}; }
sums[li] = sum; workgroupBarrier();
if (lane == 0u && col < ${cols}u) { let total = (sums[li] + sums[li + ${width}u]) + (sums[li + ${2 * width}u] + sums[li + ${3 * width}u]);
${slices > 1 ? bound.views.result.put('0u', `wid.y * ${cols}u + col`, 'total') : bound.views.result.put('0u', 'col', 'total')} }`,
  })
  return slices > 1 ? [first, sumSlices(`${label}.slices`, part(scratch!, 0, slices * cols), slices, cols, output, target)] : [first]
}

/** y (rows, cols) = Σ over slices of a flat (slices, rows · cols) buffer, in order. */
export const sumSlices = (
  label: string,
  source: ReturnType<typeof part>,
  slices: number,
  count: number,
  output: Operand,
  target: Target,
): Dispatch => sumAllSlices(label, source, slices, count, [{ first: 0, output }], target)

/**
 * The same for several results of one size in one dispatch; `first` is where each one's slices start in the source. Few columns over many
 * slices get more threads each.
 */
export function sumAllSlices(
  label: string,
  source: ReturnType<typeof part>,
  slices: number,
  count: number,
  results: readonly { readonly first: number; readonly output: Operand }[],
  target: Target,
): Dispatch {
  const lanes = target.software ? 8 : slices <= 8 ? 4 : slices > 64 && count < 8192 ? 32 : 8
  const width = target.software ? 8 : 256 / lanes
  const [across, down] = line(ceilDiv(count, width))
  const name = (k: number): string => `result${k}`
  const bound = bindOperands({ source, ...Object.fromEntries(results.map(({ output }, k) => [name(k), writes(output)])) } as Record<
    string,
    ReturnType<typeof writes>
  >)
  const { views } = bound
  const ahead = slices > 4 * lanes ? 4 : 1
  const load = (k: number): string => views.source.get('0u', `start + min(s + ${k * lanes}u, ${slices - 1}u) * ${count}u + j`)
  const pick = (code: (k: number) => string): string =>
    results.length === 1 ? code(0) : results.map((_, k) => `if (wid.z == ${k}u) { ${code(k)} }`).join(' else ')
  return kernel({
    label,
    bound,
    workgroup: width * lanes,
    groups: [across, down, results.length],
    small: true,
    globals: `var<workgroup> sums: array<f32, ${width * lanes}>;`,
    body: `let i = (wid.x + wid.y * ${across}u) * ${width}u + li % ${width}u; let lane = li / ${width}u; let j = min(i, ${count - 1}u);
var start = 0u; ${pick((k) => `start = ${results[k].first}u;`)}
var sum = 0.0;
for (var s = lane; s < ${slices}u; s += ${ahead * lanes}u) { ${range(ahead)
      .map((k) => `let v${k} = ${load(k)};`)
      .join(' ')} ${range(ahead)
      .map((k) => (k ? `if (s + ${k * lanes}u < ${slices}u) { sum += v${k}; }` : 'sum += v0;'))
      .join(' ')} }
sums[li] = sum; workgroupBarrier();
if (lane == 0u && i < ${count}u) { var total = sum; for (var k = 1u; k < ${lanes}u; k++) { total += sums[li + k * ${width}u]; }
${pick((k) => views[name(k)].put(`i / ${results[k].output.cols}u`, `i % ${results[k].output.cols}u`, 'total'))} }`,
  })
}
