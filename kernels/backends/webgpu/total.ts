import type { Operand } from '../../graph/plan.ts'
import { bindOperands, ceilDiv, type Dispatch, kernel, part, range, reads, type Target, writes } from './wgsl.ts'

const groupsFor = (rows: number, cols: number): number => Math.max(1, Math.min(1024, ceilDiv(rows * cols, 2048)))
export const termScratch = (rows: number, cols: number, terms: number): number => groupsFor(rows, cols) * terms

export interface Total {
  readonly label: string
  /** Matrices of one shape. */
  readonly inputs: Record<string, Operand>
  /** WGSL expressions over the inputs' names, each summed over all elements. */
  readonly terms: readonly string[]
  readonly scratch: Operand
  /** (1, 1) results. */
  readonly outputs: Record<string, Operand>
  /** Assigns the outputs' names from total0, total1, … */
  readonly finish: string
}

/** Sums over all elements of matrices, in a fixed order: threads, then workgroups, then one workgroup over their results. */
export function sumTerms({ label, inputs, terms, scratch, outputs, finish }: Total, target: Target): Dispatch[] {
  const { rows, cols } = Object.values(inputs)[0]
  const vec = cols % 4 === 0
  const [T, width] = vec ? ['vec4f', cols / 4] : ['f32', cols]
  const groups = groupsFor(rows, cols)
  const workgroup = target.software ? 32 : 256
  const partials = (write: boolean) => part(scratch, 0, groups * terms.length, { write })
  const one = bindOperands({
    ...Object.fromEntries(Object.entries(inputs).map(([k, o]) => [k, reads(o, vec)])),
    partials: partials(true),
  } as Record<string, ReturnType<typeof reads>>)
  const load = Object.keys(inputs).map((k) => `let ${k} = ${vec ? one.views[k].get4('r', 'c') : one.views[k].get('r', 'c')};`)
  const memory = terms.map((_, t) => `var<workgroup> sums${t}: array<f32, ${workgroup}>;`).join(' ')
  // A tree over the workgroup; sums[0] holds the result.
  const tree = `workgroupBarrier();
for (var s = ${workgroup / 2}u; s > 0u; s /= 2u) { if (li < s) { ${terms.map((_, t) => `sums${t}[li] += sums${t}[li + s];`).join(' ')} } workgroupBarrier(); }`
  const first = kernel({
    label,
    bound: one,
    workgroup,
    groups,
    globals: memory,
    body: `${terms.map((_, t) => `var sum${t} = ${T}();`).join(' ')}
for (var i = w * ${workgroup}u + li; i < ${rows * width}u; i += ${groups * workgroup}u) { let r = i / ${width}u; let c = i % ${width}u;
${load.join(' ')} ${terms.map((term, t) => `sum${t} += ${term};`).join(' ')} }
${terms.map((_, t) => (vec ? `sums${t}[li] = (sum${t}.x + sum${t}.y) + (sum${t}.z + sum${t}.w);` : `sums${t}[li] = sum${t};`)).join(' ')}
${tree}
if (li == 0u) { ${terms.map((_, t) => one.views.partials.put('0u', `w * ${terms.length}u + ${t}u`, `sums${t}[0]`)).join(' ')} }`,
  })
  return [first, totalOf({ label: `${label}.total`, scratch, groups, terms: terms.length, outputs, finish }, target)]
}

/** The last step of a sum: one workgroup over `groups` partial results of `terms` sums, laid out (groups, terms). */
export function totalOf(
  { label, scratch, groups, terms, outputs, finish }: Omit<Total, 'inputs' | 'terms'> & { groups: number; terms: number },
  target: Target,
): Dispatch {
  const workgroup = target.software ? 32 : 256
  const all = range(terms)
  // Loads go out together: one after the other, waiting for them is all the time this takes.
  const ahead = Math.min(8, ceilDiv(groups, workgroup))
  const bound = bindOperands({
    partials: part(scratch, 0, groups * terms),
    ...Object.fromEntries(Object.entries(outputs).map(([k, o]) => [k, writes(o)])),
  } as Record<string, ReturnType<typeof writes>>)
  return kernel({
    label,
    bound,
    workgroup,
    groups: 1,
    globals: all.map((t) => `var<workgroup> sums${t}: array<f32, ${workgroup}>;`).join(' '),
    body: `${all.map((t) => `var sum${t} = 0.0;`).join(' ')}
for (var g = li; g < ${groups}u; g += ${ahead * workgroup}u) {
${range(ahead)
  .flatMap((k) =>
    all.map((t) => `let v${k}_${t} = ${bound.views.partials.get('0u', `min(g + ${k * workgroup}u, ${groups - 1}u) * ${terms}u + ${t}u`)};`),
  )
  .join(' ')}
${range(ahead)
  .map((k) => `if (g + ${k * workgroup}u < ${groups}u) { ${all.map((t) => `sum${t} += v${k}_${t};`).join(' ')} }`)
  .join(' ')} }
${all.map((t) => `sums${t}[li] = sum${t};`).join(' ')} workgroupBarrier();
for (var s = ${workgroup / 2}u; s > 0u; s /= 2u) { if (li < s) { ${all.map((t) => `sums${t}[li] += sums${t}[li + s];`).join(' ')} } workgroupBarrier(); }
if (li == 0u) { ${all.map((t) => `let total${t} = sums${t}[0];`).join(' ')} ${Object.keys(outputs)
      .map((k) => `var ${k}: f32;`)
      .join(' ')}
${finish}
${Object.keys(outputs)
  .map((k) => bound.views[k].put('0u', '0u', k))
  .join(' ')} }`,
  })
}
