import type { Operand } from '../../graph/plan.ts'
import { bindOperands, ceilDiv, type Dispatch, kernel, line, range, reads, writes } from '../../backends/webgpu/wgsl.ts'
import { SCAN_FUNCTIONS } from './scanShader.ts'
import { gradRegions, savedRegions, type ScanShape } from './scanPlan.ts'

/** A · log2 e, padded with zeros to NP, then (D, delta_bias) per channel: what every walk reads once. */
export function prepare(s: ScanShape, A: Operand, D: Operand, delta_bias: Operand, saved: Operand): Dispatch {
  const laid = savedRegions(s)
  const bound = bindOperands({ A: reads(A), D: reads(D), bias: reads(delta_bias), states: laid.states(saved, true) })
  const { views } = bound
  const count = s.D * (s.NV + 1)
  const vec = range(4).map((i) => `if (j * 4u + ${i}u < ${s.N}u) { v[${i}] = ${views.A.get('d', `j * 4u + ${i}u`)} * LOG2E; }`)
  return kernel({
    label: 'selective_scan.prepare',
    bound,
    workgroup: 64,
    groups: ceilDiv(count, 64),
    globals: SCAN_FUNCTIONS,
    body: `let i = w * 64u + li; if (i >= ${count}u) { return; } var v = vec4f();
if (i < ${s.D * s.NV}u) { let d = i / ${s.NV}u; let j = i % ${s.NV}u; ${vec.join(' ')} }
else { let d = i - ${s.D * s.NV}u; v = vec4f(${views.D.get('0u', 'd')}, ${views.bias.get('0u', 'd')}, 0.0, 0.0); }
${views.states.put4('0u', `${laid.params}u + i`, 'v')}`,
  })
}

const AHEAD = 8

/**
 * From what each chunk adds alone to what enters each chunk, in place: forwards the start states in `saved`, backwards the adjoints in
 * `scratch`. A chunk's decay is exp(A Σ Δ). A thread per four states of a channel.
 */
export function combine(s: ScanShape, saved: Operand, scratch: Operand | null): Dispatch {
  const laid = savedRegions(s)
  const backwards = scratch !== null
  const bound = bindOperands({
    states: laid.states(saved, !backwards),
    sums: laid.sums(saved, !backwards),
    ...(scratch ? { chunks: gradRegions(s).chunks(scratch, true) } : {}),
  } as Record<string, ReturnType<typeof reads>>)
  const { views } = bound
  const values = backwards ? views.chunks : views.states
  const at = (k: number): string => `(c${k} * ${s.batch}u + b) * ${s.NV * s.D}u + j * ${s.D}u + d`
  const width = 32
  return kernel({
    label: backwards ? 'selective_scan_grad.combine' : 'selective_scan.combine',
    bound,
    workgroup: width,
    groups: [ceilDiv(s.D, width), s.NV, s.batch],
    body: `let d = wid.x * ${width}u + li; if (d >= ${s.D}u) { return; } let j = wid.y; let b = wid.z;
let a = ${views.states.get4('0u', `${laid.params}u + d * ${s.NV}u + j`)}; var h = vec4f();
for (var i = 0u; i < ${s.chunks}u; i += ${AHEAD}u) {
${range(AHEAD)
  .map(
    (k) => `let q${k} = min(i + ${k}u, ${s.chunks - 1}u); let c${k} = ${backwards ? `${s.chunks - 1}u - q${k}` : `q${k}`};
let v${k} = ${values.get4('0u', at(k))}; let s${k} = ${views.sums.get('0u', `(c${k} * ${s.batch}u + b) * ${s.D}u + d`)};`,
  )
  .join('\n')}
${range(AHEAD)
  .map((k) => `if (i + ${k}u < ${s.chunks}u) { ${values.put4('0u', at(k), 'h')} } h = fma(exp2(a * s${k}), h, v${k});`)
  .join('\n')}
}`,
  })
}

export interface FinishOperands {
  readonly dA: Operand
  readonly dB: Operand
  readonly dC: Operand
  readonly dD: Operand
  readonly ddelta_bias: Operand
}

/** Adds up the partial sums of dB, dC over channel tiles and of dA, dD, ddelta_bias over chunks and batch, in a fixed order. */
export function finish(s: ScanShape, scratch: Operand, out: FinishOperands): Dispatch[] {
  const laid = gradRegions(s)
  const { batch, seqlen, D, N, NP, NV } = s
  const rows = batch * seqlen
  const perRow = rows * NV
  const ends = bindOperands({ steps: laid.steps(scratch, false, true), dB: writes(out.dB, true), dC: writes(out.dC, true) })
  const store = (name: 'dB' | 'dC'): string =>
    N === NP
      ? ends.views[name].put4('i / NV', 'i % NV', 'v')
      : range(4)
          .map((k) => `if (i % NV * 4u + ${k}u < ${N}u) { ${ends.views[name].put('i / NV', `(i % NV * 4u + ${k}u)`, `v[${k}]`)} }`)
          .join(' ')
  const groups = ceilDiv(perRow, 256)
  const sum = (name: 'dB' | 'dC'): string =>
    `for (var t = 0u; t < ${laid.tiles[name]}u; t++) { v += ${ends.views.steps.get4('0u', `${laid.at[name] / 4}u + t * ${perRow}u + i`)}; } ${store(name)}`
  const matrices = kernel({
    label: 'selective_scan_grad.dB_dC',
    bound: ends,
    small: true,
    workgroup: 256,
    groups: [...line(groups).slice(0, 2), 2] as [number, number, number],
    globals: `const NV = ${NV}u;`,
    body: `let i = (wid.x + wid.y * ${line(groups)[0]}u) * 256u + li; if (i >= ${perRow}u) { return; } var v = vec4f();
if (wid.z == 0u) { ${sum('dC')} } else { ${sum('dB')} }`,
  })
  const bound = bindOperands({
    chunks: laid.chunks(scratch, false),
    steps: laid.steps(scratch, false),
    dA: writes(out.dA),
    dD: writes(out.dD),
    bias: writes(out.ddelta_bias),
  })
  const { views } = bound
  const { parts } = laid
  // Rows of the grid: NV for dA, then dD, then ddelta_bias.
  const channels = kernel({
    label: 'selective_scan_grad.dA_dD',
    bound,
    workgroup: 256,
    groups: [ceilDiv(D, 16), NV + 2, 1],
    small: true,
    globals: 'var<workgroup> sums: array<vec4f, 256>;',
    body: `let x = li % 16u; let lane = li / 16u; let d = wid.x * 16u + x; let dd = min(d, ${D - 1}u); let j = wid.y; var v = vec4f();
if (j < ${NV}u) { for (var i = lane; i < ${parts}u; i += 16u) { v += ${views.chunks.get4('0u', `${laid.dA}u + i * ${NV * D}u + j * ${D}u + dd`)}; } }
else { for (var i = lane; i < ${parts}u; i += 16u) { v.x += ${views.steps.get('0u', `${laid.at.dD}u + ((j - ${NV}u) * ${parts}u + i) * ${D}u + dd`)}; } }
sums[li] = v; workgroupBarrier();
if (lane == 0u && d < ${D}u) { for (var i = 1u; i < 16u; i++) { v += sums[i * 16u + x]; }
if (j < ${NV}u) { ${range(4)
      .map((k) => `if (j * 4u + ${k}u < ${N}u) { ${views.dA.put('d', `j * 4u + ${k}u`, `v[${k}]`)} }`)
      .join(' ')} }
else if (j == ${NV}u) { ${views.dD.put('0u', 'd', 'v.x')} } else { ${views.bias.put('0u', 'd', 'v.x')} } }`,
  })
  return [matrices, channels]
}
