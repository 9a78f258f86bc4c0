import { range } from '../../backends/webgpu/wgsl.ts'
import { lanesOf } from './scanLanes.ts'
import { SCAN_FUNCTIONS } from './scanShader.ts'
import { segmentChunks, type StraightGradViews } from './scanStraightGrad.ts'
import type { ScanShape } from './scanPlan.ts'
import type { Offsets } from './scanWalk.ts'

/** Invocations of a workgroup where a subgroup is no larger: nothing is shared by its channels but C. */
const LEAST = 32

/**
 * WGSL of the adjoint that each segment but the first sends to the one before it when none enters it from behind, and of its sum of Δ,
 * which gives its decay: what lets the segments of a sequence be walked at the same time. In the layout of straightWalk.
 */
export function adjointWalk(
  s: ScanShape,
  v: Pick<StraightGradViews, 'delta' | 'z' | 'dy' | 'C' | 'states' | 'steps'>,
  o: Offsets,
): { globals: string; body: string; workgroup: number } {
  const { D, NP, batch, seqlen } = s
  const { held, workgroup } = s.straight!.backward!
  const WG = Math.min(workgroup, Math.max(LEAST, s.subgroup))
  const G = NP / held
  // Segments are whole chunks, so whole turns.
  const T = Math.max(s.chunk, 16 % s.chunk ? s.chunk : 16, G)
  const M = T / G
  const each = segmentChunks(s)
  const L = lanesOf(s, { ...v, u: v.delta, B: v.C }, o.params, { held, workgroup: WG, T, matrices: 1 })
  const dTail = D % (WG / G) !== 0
  const arrays = { dt: v.delta, z: v.z, dy: v.dy } as const
  const names = Object.keys(arrays) as (keyof typeof arrays)[]
  const load = (name: keyof typeof arrays, l: string, m: number): string =>
    arrays[name].load(`p_${name} + min(${l} + ${m * G}u + q, ${seqlen - 1}u) * ${arrays[name].ld}u`)
  const [K, Ms] = [range(T), range(M)]
  const body = `let b = ${batch - 1}u - wid.y; let segment = wid.z + 1u; ${L.start}
let first = segment * ${each * s.chunk}u; let end = min(first + ${each * s.chunk}u, ${seqlen}u); let turns = (max(end, first) - first + ${T - 1}u) / ${T}u;
${names.map((name) => `let p_${name} = ${arrays[name].place(`b * ${seqlen}u`, 'd')};`).join(' ')}
let last = first + (max(turns, 1u) - 1u) * ${T}u;
${Ms.map((m) => names.map((name) => `var n_${name}${m} = ${load(name, 'last', m)};`).join(' ')).join('\n')}
${L.registers}
${L.fetch('last')}
${L.keep('((max(turns, 1u) - 1u) % 2u)')}
workgroupBarrier();
var lam = ${L.V}(); var total = 0.0;
for (var it = turns; it > 0u; it--) { let l = first + (it - 1u) * ${T}u; let ln = first + (max(it - 1u, 1u) - 1u) * ${T}u;
${L.fetch('ln')}
let at = ${L.at('(it - 1u)')};
${Ms.map(
  (m) => `${names.map((name) => `let ${name}_${m} = n_${name}${m}; n_${name}${m} = ${load(name, 'ln', m)};`).join(' ')}
let raw${m} = dt_${m} + bias; let live${m} = l + ${m * G}u + q < end; let dl${m} = select(0.0, softplus(raw${m}, exp(min(raw${m}, 20.0))), live${m}); total += dl${m};
let g${m} = select(0.0, dy_${m} * z_${m} * sigm(z_${m}), live${m});`,
).join('\n')}
${[...K]
  .reverse()
  .map((k) => `{ let dk = ${L.from('dl', k)}; let gk = ${L.from('g', k)}; lam = fma(${L.matC(k)}, ${L.V}(gk), lam) * exp2(dk * a); }`)
  .join('\n')}
${L.keep('it % 2u')} workgroupBarrier();
}
${range(Math.log2(G))
  .map((k) => `total += subgroupShuffleXor(total, ${1 << k}u);`)
  .join(' ')}
${dTail ? 'if (ok)' : ''} { let at = (segment * ${batch}u + b) * ${D}u + d; ${range(held)
    .map((i) => v.steps.put('0u', `${o.at.adjoints}u + at * ${NP}u + q * ${held}u + ${i}u`, `lam[${i}]`))
    .join(' ')}
${G > 1 ? 'if (q == 0u)' : ''} { ${v.steps.put('0u', `${o.at.sums}u + at`, 'total')} } }`
  return { globals: SCAN_FUNCTIONS + L.globals, body, workgroup: WG }
}
