import { range } from '../../backends/webgpu/wgsl.ts'
import { lanesOf } from './scanLanes.ts'
import { SCAN_FUNCTIONS } from './scanShader.ts'
import type { ScanShape } from './scanPlan.ts'
import type { Offsets, WalkViews } from './scanWalk.ts'

/**
 * WGSL of the forward scan in one walk from the first step to the last: every input is read once and every exponential taken once. G
 * lanes share a channel; lane q reads, discretises, gates and writes steps q, q + G, … of each turn of T, and broadcasts Δ and Δu. The
 * sums over states change hands so that lane q ends with the output of its own step: half of the values are sent at each exchange.
 * Chunk-start states and Σ Δ are kept as the three-pass form keeps them.
 */
export function straightWalk(
  s: ScanShape,
  v: WalkViews & Required<Pick<WalkViews, 'y' | 'z' | 'C' | 'sums'>>,
  o: Offsets,
): { globals: string; body: string; workgroup: number } {
  const { D, batch, seqlen, chunk } = s
  const { workgroup: WG, turns: M, held } = s.straight!
  const G = s.NP / held
  const T = G * M
  const L = lanesOf(s, v, o.params, held, WG, T)
  const dTail = D % (WG / G) !== 0
  const lTail = seqlen % T !== 0
  const arrays = { u: v.u, dt: v.delta, z: v.z } as const
  const names = Object.keys(arrays) as (keyof typeof arrays)[]
  const load = (name: keyof typeof arrays, l: string, m: number): string =>
    arrays[name].load(`p_${name} + ${lTail ? `min(${l} + ${m * G}u + q, ${seqlen - 1}u)` : `(${l} + ${m * G}u + q)`} * ${arrays[name].ld}u`)
  const [K, Ms] = [range(T), range(M)]
  const alive = (m: number): string => `l + ${m * G}u + q < ${seqlen}u`
  const guarded = (condition: string, statement: string): string => (condition ? `if (${condition}) { ${statement} }` : statement)
  const total = range(Math.log2(G))
    .map((k) => `total += subgroupShuffleXor(total, ${1 << k}u);`)
    .join(' ')
  const endChunk = (ck: string): string =>
    `{ ${total} ${guarded([dTail && 'ok', G > 1 && 'q == 0u'].filter(Boolean).join(' && '), v.sums.put('0u', `(${ck} * ${batch}u + b) * ${D}u + d`, 'total'))} total = 0.0; }`

  const body = `let b = wid.y; ${L.start}
${names.map((name) => `let p_${name} = ${arrays[name].place(`b * ${seqlen}u`, 'd')};`).join(' ')} let p_y = ${v.y.place(`b * ${seqlen}u`, 'd')};
${Ms.map((m) => names.map((name) => `var n_${name}${m} = ${load(name, '0u', m)};`).join(' ')).join('\n')}
${L.registers}
${L.fetch('0u')}
${L.keep('0u')}
workgroupBarrier();
var h = ${L.V}(); var total = 0.0;
for (var l = 0u; l < ${seqlen}u; l += ${T}u) {
${L.fetch(`l + ${T}u`)}
if (l % ${chunk}u == 0u) { ${s.straight!.backward ? '' : `if (l > 0u) ${endChunk(`(l / ${chunk}u - 1u)`)}`}
${guarded(dTail ? 'ok' : '', L.putState(`(l / ${chunk}u)`, 'h'))} }
let at = l / ${T}u % 2u * ${L.tile}u + q; let ln = select(l + ${T}u, 0u, l + ${T}u >= ${seqlen}u);
${Ms.map(
  (m) => `${names.map((name) => `let ${name}${m} = n_${name}${m}; n_${name}${m} = ${load(name, 'ln', m)};`).join(' ')}
let raw${m} = dt${m} + bias; let sp${m} = softplus(raw${m}, exp(min(raw${m}, 20.0)));
let dl${m} = ${lTail ? `select(0.0, sp${m}, ${alive(m)})` : `sp${m}`}; let x${m} = dl${m} * u${m}; total += dl${m};`,
).join('\n')}
${K.map(
  (k) => `var y${k}: f32; { let dk = ${L.from('dl', k)}; let xk = ${L.from('x', k)};
h = fma(exp2(dk * a), h, xk * ${L.matB(k)}); let t = h * ${L.matC(k)}; y${k} = ${L.total('t')}; }`,
).join('\n')}
${Ms.map(
  (m) => `${L.exchange('y', m * G)}
${guarded([lTail && alive(m), dTail && 'ok'].filter(Boolean).join(' && '), v.y.store(`p_y + (l + ${m * G}u + q) * ${v.y.ld}u`, `fma(Dd, u${m}, y${m * G}) * z${m} * sigm(z${m})`))}`,
).join('\n')}
${L.keep(`((l / ${T}u + 1u) % 2u)`)} workgroupBarrier();
}
${s.straight!.backward ? '' : endChunk(`${s.chunks - 1}u`)}`
  return { globals: SCAN_FUNCTIONS + L.globals, body, workgroup: WG }
}
