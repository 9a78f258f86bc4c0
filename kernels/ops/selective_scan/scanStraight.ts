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
  const { workgroup: WG, turns: M, held, ahead, late } = s.straight!
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

  // Chunks shorter than a turn begin within it.
  const keepInside = (k: number): string =>
    k > 0 && k % chunk === 0
      ? guarded(
          [dTail && 'ok', lTail && `l + ${k}u < ${seqlen}u`].filter(Boolean).join(' && '),
          L.putState(`((l + ${k}u) / ${chunk}u)`, 'h'),
        )
      : ''
  // Inputs of the next `ahead` turns are on their way: next0 is the nearest.
  const coming = range(ahead)
  const after = (turns: number): string => `select(l + ${turns * T}u, 0u, l + ${turns * T}u >= ${seqlen}u)`
  const gated = (u: string, y: string, z: string): string => `fma(Dd, ${u}, ${y}) * ${z} * sigm(${z})`
  const storeY = (m: number, l: string, when: string, value: string): string => {
    const conditions = [when, lTail && `${l} + ${m * G}u + q < ${seqlen}u`, dTail && 'ok'].filter(Boolean).join(' && ')
    return guarded(conditions, v.y.store(`p_y + (${l} + ${m * G}u + q) * ${v.y.ld}u`, value))
  }
  const epilogue = (name: string, of: string, l: string, when: string): string =>
    Ms.map((m) => `${L.exchange(name, m * G)}\n${storeY(m, l, when, gated(`${of}u${m}`, `${name}${m * G}`, `${of}z${m}`))}`).join('\n')

  const body = `let b = wid.y; ${L.start}
${names.map((name) => `let p_${name} = ${arrays[name].place(`b * ${seqlen}u`, 'd')};`).join(' ')} let p_y = ${v.y.place(`b * ${seqlen}u`, 'd')};
${coming.map((j) => Ms.map((m) => names.map((name) => `var next${j}_${name}${m} = ${load(name, `${Math.min(j * T, Math.max(0, seqlen - T))}u`, m)};`).join(' ')).join('\n')).join('\n')}
${L.registers}
${L.fetch('0u')}
${L.keep('0u')}
workgroupBarrier();
var h = ${L.V}(); var total = 0.0;
${late ? `${K.map((k) => `var e${k} = 0.0;`).join(' ')} ${Ms.map((m) => `var e_u${m} = 0.0; var e_z${m} = 0.0;`).join(' ')}` : ''}
for (var l = 0u; l < ${seqlen}u; l += ${T}u) {
${L.fetch(`l + ${T}u`)}
if (l % ${chunk}u == 0u) { ${s.straight!.backward ? '' : `if (l > 0u) ${endChunk(`(l / ${chunk}u - 1u)`)}`}
${guarded(dTail ? 'ok' : '', L.putState(`(l / ${chunk}u)`, 'h'))} }
let at = l / ${T}u % 2u * ${L.tile}u + q; let ln = ${after(ahead)};
${late ? epilogue('e', 'e_', `(l - ${T}u)`, 'l > 0u') : ''}
${Ms.map(
  (m) => `${names
    .map((name) => {
      const moves = coming.slice(1).map((j) => `next${j - 1}_${name}${m} = next${j}_${name}${m};`)
      return `let ${name}${m} = next0_${name}${m}; ${moves.join(' ')} next${ahead - 1}_${name}${m} = ${load(name, 'ln', m)};`
    })
    .join(' ')}
let raw${m} = dt${m} + bias; let sp${m} = softplus(raw${m}, exp(min(raw${m}, 20.0)));
let dl${m} = ${lTail ? `select(0.0, sp${m}, ${alive(m)})` : `sp${m}`}; let x${m} = dl${m} * u${m}; total += dl${m};`,
).join('\n')}
${K.map(
  (k) => `${keepInside(k)} var y${k}: f32; { let dk = ${L.from('dl', k)}; let xk = ${L.from('x', k)};
h = fma(exp2(dk * a), h, xk * ${L.matB(k)}); let t = h * ${L.matC(k)}; y${k} = ${L.total('t')}; }`,
).join('\n')}
${
  late
    ? `${K.map((k) => `e${k} = y${k};`).join(' ')} ${Ms.map((m) => `e_u${m} = u${m}; e_z${m} = z${m};`).join(' ')}`
    : epilogue('y', '', 'l', '')
}
${L.keep(`((l / ${T}u + 1u) % 2u)`)} workgroupBarrier();
}
${late ? epilogue('e', 'e_', `${(Math.ceil(seqlen / T) - 1) * T}u`, '') : ''}
${s.straight!.backward ? '' : endChunk(`${s.chunks - 1}u`)}`
  return { globals: SCAN_FUNCTIONS + L.globals, body, workgroup: WG }
}
