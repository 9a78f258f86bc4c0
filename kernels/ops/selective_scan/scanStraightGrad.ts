import { range } from '../../backends/webgpu/wgsl.ts'
import { lanesOf } from './scanLanes.ts'
import { SCAN_FUNCTIONS } from './scanShader.ts'
import type { ScanShape } from './scanPlan.ts'
import type { Offsets, WalkViews } from './scanWalk.ts'

/** Chunks of a segment; the last may have fewer. */
export const segmentChunks = (s: ScanShape): number => Math.ceil(s.chunks / s.straight!.backward!.segments)

export type StraightGradViews = Required<
  Pick<WalkViews, 'u' | 'delta' | 'z' | 'B' | 'C' | 'dy' | 'dz' | 'du' | 'ddelta' | 'states' | 'steps'>
>

/**
 * WGSL of the backward scan in one walk from the last chunk to the first, in the layout of straightWalk: NV lanes share a channel. Each
 * turn goes through its chunk of T steps forwards from the state kept at its start, holding states and decays in registers, then
 * backwards with the adjoint. Every input is read once, nothing but partial sums over channels (dB, dC) and batch (dA, dD, ddelta_bias)
 * is written beside the gradients. Sums over states and over channels halve the values held at each exchange between lanes.
 */
export function straightGradWalk(s: ScanShape, v: StraightGradViews, o: Offsets): { globals: string; body: string; workgroup: number } {
  const { D, NP, NV, batch, seqlen, subgroup: SG } = s
  const { workgroup: WG, reduced: RT, keep, held, segments, turned } = s.straight!.backward!
  const G = NP / held
  const [T, channels, NW] = [s.chunk, WG / G, WG / SG]
  const M = T / G
  const each = segmentChunks(s)
  const L = lanesOf(s, v, o.params, { held, workgroup: WG, T, turned })
  const dTail = D % channels !== 0
  const lTail = seqlen % T !== 0
  const arrays = { u: v.u, dt: v.delta, z: v.z, dy: v.dy } as const
  type Name = keyof typeof arrays
  const names = Object.keys(arrays) as Name[]
  const place = { ...arrays, to_dz: v.dz, to_du: v.du, to_dd: v.ddelta }
  const load = (name: Name, l: string, m: number): string =>
    arrays[name].load(`p_${name} + ${lTail ? `min(${l} + ${m * G}u + q, ${seqlen - 1}u)` : `(${l} + ${m * G}u + q)`} * ${arrays[name].ld}u`)
  /** Sums of RT steps wait in one half of `red` while those before are added up. */
  const parity = (k: number): string => (RT === T ? 'it % 2u' : `${Math.floor(k / RT) % 2}u`)
  /** Sums dB and dC of one step over the subgroup's channels, into `red`. */
  const sumOverChannels = (k: number): string => {
    let values = range(2 * held).map((i) => `${i < held ? 'tB' : 'tC'}[${i % held}]`)
    // Where each value belongs, among a step's sums for dB and then dC.
    let places = range(2 * held).map((i) => `q * ${held}u + ${i < held ? 0 : NP}u + ${L.stateOf(i % held)}`)
    const lines: string[] = []
    let bit = G
    for (let stage = 0; bit < SG && values.length > 1; stage++, bit *= 2) {
      // Halves by states while the lanes hold them in orders of their own, so that each keeps the same registers; then by a choice.
      const own = stage < L.turns
      const [group, far] = own ? [values.length / 2, values.length / 4] : [values.length, values.length / 2]
      const kept = values.map((_, i) => i).filter((i) => i % group < far)
      kept.forEach((i, to) => {
        const [here, there] = [values[i], values[i + far]]
        const [keeps, sends] = own ? [here, there] : [`select(${here}, ${there}, c${bit})`, `select(${there}, ${here}, c${bit})`]
        lines.push(`let s${stage}_${to} = ${keeps} + subgroupShuffleXor(${sends}, ${bit}u);`)
      })
      const taken = bit
      places = kept.map((i) => (own ? places[i] : `select(${places[i]}, ${places[i + far]}, c${taken})`))
      values = kept.map((_, to) => `s${stage}_${to}`)
    }
    const writers = bit
    for (; bit < SG; bit *= 2) {
      lines.push(`let r${bit} = ${values[0]} + subgroupShuffleXor(${values[0]}, ${bit}u);`)
      values = [`r${bit}`]
    }
    const row = `${parity(k)} * ${NW * RT * 2 * NP}u + ${(k % RT) * 2 * NP}u + warp * ${RT * 2 * NP}u`
    return `${lines.join('\n')}
${writers < SG ? `if (lane < ${writers}u)` : ''} { let to = ${row}; ${values.map((x, i) => `red[to + ${places[i]}] = ${x};`).join(' ')} }`
  }
  const flush = (k: number): string => `workgroupBarrier();
for (var i = li; i < ${RT * 2 * NP}u; i += ${WG}u) { let r = l + ${k}u + i / ${2 * NP}u; let j = i % ${2 * NP}u; var sum = 0.0;
for (var w = 0u; w < ${NW}u; w++) { sum += red[${parity(k)} * ${NW * RT * 2 * NP}u + w * ${RT * 2 * NP}u + i]; }
${lTail ? `if (r < ${seqlen}u)` : ''} { ${v.steps.put('0u', `select(${o.at.dB}u + j, ${o.at.dC}u + j - ${NP}u, j >= ${NP}u) + ((wid.x * ${batch}u + b) * ${seqlen}u + r) * ${NP}u`, 'sum')} } }`

  const alive = (m: number): string => `l + ${m * G}u + q < ${seqlen}u`
  const masked = (m: number, e: string): string => {
    const conditions = [lTail && alive(m), dTail && 'ok'].filter(Boolean)
    return conditions.length ? `select(0.0, ${e}, ${conditions.join(' && ')})` : e
  }
  const guarded = (m: number, statement: string): string => {
    const conditions = [lTail && alive(m), dTail && 'ok'].filter(Boolean)
    return conditions.length ? `if (${conditions.join(' && ')}) { ${statement} }` : statement
  }
  const [K, Ms] = [range(T), range(M)]
  const decay = (k: number): string => (keep ? `E${k}` : `exp2(d${k} * a)`)
  const forwards = K.map(
    (k) => `let d${k} = ${L.from('dl', k)}; let x${k} = ${L.from('xx', k)}; var y${k}: f32; ${keep ? `let E${k} = exp2(d${k} * a);` : ''}
let h${k + 1} = fma(${decay(k)}, h${k}, x${k} * ${L.matB(k)}); { let t = h${k + 1} * ${L.matC(k)}; y${k} = ${L.total('t')}; }`,
  )
  const backwards = [...K].reverse().map(
    (k) => `var p${k}: f32; var w${k}: f32;
{ let gk = ${L.from('g', k)}; lam = fma(${L.matC(k)}, ${L.V}(gk), lam); let tB = lam * x${k}; let tC = gk * h${k + 1};
let t = lam * ${L.matB(k)}; p${k} = ${L.total('t')}; lam *= ${decay(k)}; let w = lam * h${k}; let aw = a * w; w${k} = ${L.total('aw')}; dA = fma(${L.V}(d${k}), w, dA);
${sumOverChannels(k)} }
${k % RT === 0 && k > 0 ? flush(k) : ''}`,
  )
  // What later segments send back: each one's own adjoint, and what enters it times its decay.
  const entering = `for (var j = ${segments - 1}u; j > segment; j--) { let at = (j * ${batch}u + b) * ${D}u + d;
lam = fma(exp2(a * ${v.steps.get('0u', `${o.at.sums}u + at`)}), lam, ${L.V}(${range(held)
    .map((i) => v.steps.get('0u', `${o.at.adjoints}u + at * ${NP}u + q * ${held}u + ${L.stateOf(i)}`))
    .join(', ')})); }`
  const put = (name: 'to_dz' | 'to_du' | 'to_dd', m: number, value: string): string =>
    place[name].store(`p_${name} + (l + ${m * G}u + q) * ${place[name].ld}u`, value)

  const body = `let b = ${batch - 1}u - wid.y; let segment = ${segments - 1}u - wid.z; let from_ck = segment * ${each}u; let to_ck = min(from_ck + ${each}u, ${s.chunks}u); let warp = li / ${SG}u; ${L.start}
${range(Math.log2(SG / G))
  .map((k) => `let c${G << k} = (lane & ${G << k}u) != 0u;`)
  .join(' ')}
${Object.entries(place)
  .map(([name, view]) => `let p_${name} = ${view.place(`b * ${seqlen}u`, 'd')};`)
  .join(' ')}
let last = (to_ck - 1u) * ${T}u;
${Ms.map((m) => names.map((name) => `var n_${name}${m} = ${load(name, 'last', m)};`).join(' ')).join('\n')}
var hn = ${L.state('(to_ck - 1u)')};
${L.registers}
${L.fetch('last')}
${L.keep('((to_ck - 1u) % 2u)')}
workgroupBarrier();
var lam = ${L.V}();
${segments > 1 ? entering : ''}
var dA = ${L.V}(); var dD = 0.0; var db = 0.0;
for (var it = to_ck; it > from_ck; it--) { let l = (it - 1u) * ${T}u; let before = max(it - 1u, from_ck + 1u) - 1u; let ln = before * ${T}u;
${L.fetch('ln')}
let at = ${L.at('(it - 1u)')};
${Ms.map((m) => names.map((name) => `let ${name}_${m} = n_${name}${m}; n_${name}${m} = ${load(name, 'ln', m)};`).join(' ')).join('\n')}
let h0 = hn; hn = ${L.state('before')};
${Ms.map(
  (
    m,
  ) => `let raw${m} = dt_${m} + bias; let ew${m} = exp(min(raw${m}, 20.0)); let dl${m} = ${lTail ? `select(0.0, softplus(raw${m}, ew${m}), ${alive(m)})` : `softplus(raw${m}, ew${m})`};
let uu${m} = ${masked(m, `u_${m}`)}; let xx${m} = dl${m} * uu${m}; let sg${m} = sigm(z_${m}); let g${m} = ${masked(m, `dy_${m} * z_${m} * sg${m}`)};`,
).join('\n')}
${forwards.join('\n')}
${Ms.map(
  (m) => `${L.exchange('y', m * G)}
${guarded(m, put('to_dz', m, `dy_${m} * fma(Dd, u_${m}, y${m * G}) * sg${m} * (1.0 + z_${m} * (1.0 - sg${m}))`))}`,
).join('\n')}
${backwards.join('\n')}
${Ms.map(
  (m) => `${L.exchange('p', m * G)}
${L.exchange('w', m * G)}
{ let gt = fma(uu${m}, p${m * G}, LN2 * w${m * G}) * ew${m} / (1.0 + ew${m}); db += ${masked(m, 'gt')}; dD = fma(g${m}, uu${m}, dD);
${guarded(m, `${put('to_du', m, `fma(Dd, g${m}, dl${m} * p${m * G})`)} ${put('to_dd', m, 'gt')}`)} }`,
).join('\n')}
${L.keep('it % 2u')}
${flush(0)}
}
${range(Math.log2(G))
  .map((k) => `dD += subgroupShuffleXor(dD, ${1 << k}u); db += subgroupShuffleXor(db, ${1 << k}u);`)
  .join(' ')}
${dTail ? 'if (ok)' : ''} { let part = segment * ${batch}u + b; let i = ${o.dA}u + ((part * ${NV}u + q * ${held}u / 4u) * ${D}u + d) * 4u + q * ${held}u % 4u; ${range(
    held,
  )
    .map((i) => v.steps.put('0u', `i + ${L.stateOf(i)}`, `dA[${i}]`))
    .join(' ')}
${G > 1 ? 'if (q == 0u)' : ''} { let i = ${o.at.dD}u + part * ${D}u + d; ${v.steps.put('0u', 'i', 'dD')} ${v.steps.put('0u', `i + ${segments * batch * D}u`, 'db')} } }`
  return {
    globals: `${SCAN_FUNCTIONS}${L.globals}
var<workgroup> red: array<f32, ${2 * NW * RT * 2 * NP}>;`,
    body,
    workgroup: WG,
  }
}
