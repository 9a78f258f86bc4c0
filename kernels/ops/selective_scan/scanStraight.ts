import { range } from '../../backends/webgpu/wgsl.ts'
import { lanesOf } from './scanLanes.ts'
import { SCAN_FUNCTIONS } from './scanShader.ts'
import type { ScanShape } from './scanPlan.ts'
import type { Offsets, WalkViews } from './scanWalk.ts'

export type StraightViews = WalkViews & Required<Pick<WalkViews, 'y' | 'z' | 'C'>>

/**
 * WGSL of the forward scan in one walk from the first step to the last: every input is read once and every exponential taken once. G
 * lanes share a channel; lane q reads, discretises, gates and writes steps q, q + G, … of each turn of T, and broadcasts Δ and Δu. The
 * sums over states change hands so that lane q ends with the output of its own step: half of the values are sent at each exchange.
 * `keeps`: chunk-start states and Σ Δ (this where no one walk back follows) are kept as the three-pass form keeps them. Where A, D and
 * delta_bias are bound the walk prepares the channels' parameters by itself, and keeps them too; else it finds them in `states`.
 */
export function straightWalk(
  s: ScanShape,
  v: StraightViews,
  o: Offsets,
  keeps: boolean,
): { globals: string; body: string; workgroup: number; directives: string } {
  const { D, batch, seqlen, chunk } = s
  const { workgroup: WG, turns: M, held, ahead, late, parts, backward } = s.straight!
  const G = s.NP / held
  const T = G * M
  const L = lanesOf(s, v, o.params, { held, workgroup: WG, T, parts })
  // Turns of a part; where chunks are longer than turns, whole chunks.
  const step = Math.max(1, chunk / T)
  const each = Math.ceil(Math.ceil(seqlen / T) / parts / step) * step
  const dTail = D % (WG / G) !== 0
  const lTail = seqlen !== parts * each * T
  const arrays = { u: v.u, dt: v.delta, z: v.z } as const
  const names = Object.keys(arrays) as (keyof typeof arrays)[]
  const load = (name: keyof typeof arrays, l: string, m: number): string =>
    arrays[name].load(`p_${name} + ${lTail ? `min(${l} + ${m * G}u + q, ${seqlen - 1}u)` : `(${l} + ${m * G}u + q)`} * ${arrays[name].ld}u`)
  const [K, Ms] = [range(T), range(M)]
  const alive = (m: number): string => `l + ${m * G}u + q < ${seqlen}u`
  const guarded = (condition: string, statement: string): string => (condition ? `if (${condition}) { ${statement} }` : statement)
  const steps = (m: number): string =>
    `let raw${m} = dt${m} + bias; let sp${m} = softplus(raw${m}, exp(min(raw${m}, 20.0)));
let dl${m} = ${lTail ? `select(0.0, sp${m}, ${alive(m)})` : `sp${m}`}; let x${m} = dl${m} * u${m}; total += dl${m};`
  const total = range(Math.log2(G))
    .map((k) => `total += subgroupShuffleXor(total, ${1 << k}u);`)
    .join(' ')
  const endChunk = (ck: string): string =>
    `{ ${total} ${guarded([dTail && 'ok', G > 1 && 'q == 0u', parts > 1 && lTail && `origin < ${seqlen}u`].filter(Boolean).join(' && '), v.sums!.put('0u', `(${ck} * ${batch}u + b) * ${D}u + d`, 'total'))} total = 0.0; }`

  // Chunks shorter than a turn begin within it.
  const keepInside = (k: number): string =>
    keeps && k > 0 && k % chunk === 0
      ? guarded(
          [dTail && 'ok', lTail && `l + ${k}u < ${seqlen}u`].filter(Boolean).join(' && '),
          L.putState(`((l + ${k}u) / ${chunk}u)`, 'h'),
        )
      : ''
  // Inputs of the next `ahead` turns are on their way: next0 is the nearest.
  const coming = range(ahead)
  const after = (turns: number): string => `select(l + ${turns * T}u, 0u, l + ${turns * T}u >= ${seqlen}u)`
  const entry = (j: number): string => (lTail ? `(origin + ${j * T}u)` : `min(origin + ${j * T}u, ${seqlen - T}u)`)
  const gated = (u: string, y: string, z: string): string => `fma(Dd, ${u}, ${y}) * ${z} * sigm(${z})`
  const storeY = (m: number, l: string, when: string, value: string): string => {
    const conditions = [when, lTail && `${l} + ${m * G}u + q < ${seqlen}u`, dTail && 'ok'].filter(Boolean).join(' && ')
    return guarded(conditions, v.y.store(`p_y + (${l} + ${m * G}u + q) * ${v.y.ld}u`, value))
  }
  const epilogue = (name: string, of: string, l: string, when: string): string =>
    Ms.map((m) => `${L.exchange(name, m * G)}\n${storeY(m, l, when, gated(`${of}u${m}`, `${name}${m * G}`, `${of}z${m}`))}`).join('\n')

  // What each part adds from state 0, handed on through workgroup memory; inputs are read a second time after this.
  const others = names.filter((name) => name !== 'z')
  const first = `${Ms.map((m) => others.map((name) => `var first_${name}${m} = ${load(name, 'origin', m)};`).join(' ')).join('\n')}
for (var it = 0u; it < ${each}u; it++) { let l = origin + it * ${T}u; let ln = ${after(1)};
${L.fetch(`l + ${T}u`)}
let at = ${L.at('it')};
${Ms.map(
  (m) =>
    `${others.map((name) => `let ${name}${m} = first_${name}${m}; first_${name}${m} = ${load(name, 'ln', m)};`).join(' ')} ${steps(m)}`,
).join('\n')}
${K.map((k) => `{ h = fma(exp2(${L.from('dl', k)} * a), h, ${L.from('x', k)} * ${L.matB(k)}); }`).join('\n')}
${L.keep('((it + 1u) % 2u)')} workgroupBarrier();
}
${total} ends[li] = h; totals[li] = total; h = ${L.V}(); total = 0.0;
${L.fetch('origin')}
${L.keep('0u')}
workgroupBarrier();
for (var j = 0u; j < part; j++) { let i = j * ${WG}u + lp; h = fma(exp2(a * totals[i]), h, ends[i]); }`
  const body = `let b = wid.y; ${L.start} ${keeps && v.A ? guarded(['b == 0u', parts > 1 && 'part == 0u', dTail && 'ok'].filter(Boolean).join(' && '), L.putParams()) : ''} let origin = ${parts > 1 ? `part * ${each * T}u` : '0u'};
${names.map((name) => `let p_${name} = ${arrays[name].place(`b * ${seqlen}u`, 'd')};`).join(' ')} let p_y = ${v.y.place(`b * ${seqlen}u`, 'd')};
${coming.map((j) => Ms.map((m) => names.map((name) => `var next${j}_${name}${m} = ${load(name, entry(j), m)};`).join(' ')).join('\n')).join('\n')}
${L.registers}
${L.fetch('origin')}
${L.keep('0u')}
workgroupBarrier();
var h = ${L.V}(); var total = 0.0;
${parts > 1 ? first : ''}
${late ? `${K.map((k) => `var e${k} = 0.0;`).join(' ')} ${Ms.map((m) => `var e_u${m} = 0.0; var e_z${m} = 0.0;`).join(' ')}` : ''}
for (var it = 0u; it < ${each}u; it++) { let l = origin + it * ${T}u;
${L.fetch(`l + ${T}u`)}
${
  keeps
    ? `if (it * ${T}u % ${chunk}u == 0u) { ${backward ? '' : `if (it > 0u${lTail ? ` && l < ${seqlen}u` : ''}) ${endChunk(`(l / ${chunk}u - 1u)`)}`}
${guarded([dTail && 'ok', parts > 1 && lTail && `l < ${seqlen}u`].filter(Boolean).join(' && '), L.putState(`(l / ${chunk}u)`, 'h'))} }`
    : ''
}
let at = ${L.at('it')}; let ln = ${after(ahead)};
${late ? epilogue('e', 'e_', `(l - ${T}u)`, 'it > 0u') : ''}
${Ms.map(
  (m) =>
    `${names
      .map((name) => {
        const moves = coming.slice(1).map((j) => `next${j - 1}_${name}${m} = next${j}_${name}${m};`)
        return `let ${name}${m} = next0_${name}${m}; ${moves.join(' ')} next${ahead - 1}_${name}${m} = ${load(name, 'ln', m)};`
      })
      .join(' ')} ${steps(m)}`,
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
${L.keep('((it + 1u) % 2u)')} workgroupBarrier();
}
${late ? epilogue('e', 'e_', `(origin + ${(each - 1) * T}u)`, '') : ''}
${backward || !keeps ? '' : endChunk(`(min(origin + ${each * T}u, ${seqlen}u) - 1u) / ${chunk}u`)}`
  const carried = parts > 1 ? `var<workgroup> ends: array<${L.V}, ${WG * parts}>; var<workgroup> totals: array<f32, ${WG * parts}>;\n` : ''
  // A subgroup's lanes are of one part, so they are at the same step, which the compiler cannot see.
  const directives = parts > 1 ? 'diagnostic(off, subgroup_uniformity);\n' : ''
  return { globals: SCAN_FUNCTIONS + L.globals + carried, body, workgroup: WG * parts, directives }
}
