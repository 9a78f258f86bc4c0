import { range } from '../../backends/webgpu/wgsl.ts'
import { SCAN_FUNCTIONS } from './scanShader.ts'
import type { ScanShape } from './scanPlan.ts'
import type { Offsets, WalkViews } from './scanWalk.ts'

/**
 * WGSL of the forward scan in one walk from the first step to the last: every input is read once and every exponential taken once. NV
 * lanes share a channel, four states each; lane q reads, discretises, gates and writes steps q, q + NV, … of each turn of T, and
 * broadcasts Δ and Δu. The sums over states change hands so that lane q ends with the output of its own step: of NV values in NV lanes
 * half are sent at each exchange. Chunk-start states and Σ Δ are kept as the three-pass form keeps them.
 */
export function straightWalk(
  s: ScanShape,
  v: WalkViews & { y: NonNullable<WalkViews['y']>; z: NonNullable<WalkViews['z']>; C: NonNullable<WalkViews['C']> },
  o: Offsets,
): { globals: string; body: string; workgroup: number } {
  const { D, N, NP, NV, batch, seqlen, chunk, subgroup: SG } = s
  const { workgroup: WG, turns: M, tile: RT } = s.straight!
  const [G, T, channels] = [NV, NV * M, WG / NV]
  const dTail = D % channels !== 0
  const lTail = seqlen % T !== 0
  const sums = v.sums!
  const arrays = { u: v.u, dt: v.delta, z: v.z } as const
  const names = Object.keys(arrays) as (keyof typeof arrays)[]
  const load = (name: keyof typeof arrays, l: string): string => arrays[name].load(`p_${name} + ${l} * ${arrays[name].ld}u`)
  const step = (l: string, m: number): string => (lTail ? `min(${l} + ${m * G}u + q, ${seqlen - 1}u)` : `(${l} + ${m * G}u + q)`)

  const whole = N === NP
  const element = (name: 'B' | 'C'): string => (whole ? v[name]!.get4('r', 'j') : `fetch${name}(r, j)`)
  const fetcher = (name: 'B' | 'C'): string =>
    whole
      ? ''
      : `fn fetch${name}(r: u32, j: u32) -> vec4f { var v = vec4f(); ${range(4)
          .map((i) => `if (j * 4u + ${i}u < ${N}u) { v[${i}] = ${v[name]!.get('r', `j * 4u + ${i}u`)}; }`)
          .join(' ')} return v; }\n`
  // A tile: RT steps of B, then of C.
  const half = RT * NV
  const perThread = range(Math.ceil((2 * half) / WG))
  const inTile = (i: number): string => ((2 * half) % WG === 0 ? '' : `if (li + ${i * WG}u < ${2 * half}u)`)
  const fetchTile = (first: string): string =>
    perThread
      .map(
        (i) =>
          `${inTile(i)} { let e = li + ${i * WG}u; let r = b * ${seqlen}u + min(${first} + e % ${half}u / ${NV}u, ${seqlen - 1}u); let j = e % ${NV}u;
if (e < ${half}u) { nx${i} = ${element('B')}; } else { nx${i} = ${element('C')}; } }`,
      )
      .join('\n')
  const storeTile = (parity: string): string =>
    perThread.map((i) => `${inTile(i)} { BC[${parity} * ${2 * half}u + li + ${i * WG}u] = nx${i}; }`).join(' ')

  const oneStep = (k: number): string =>
    `{ let dk = subgroupShuffle(dl${Math.floor(k / G)}, base + ${k % G}u); let xk = subgroupShuffle(x${Math.floor(k / G)}, base + ${k % G}u);
let i = at + ${k * NV}u + q; h = fma(exp2(dk * a), h, xk * BC[i]); let t = h * BC[i + ${half}u]; y${k} = hs(t); }`
  /** Of NV sums in NV lanes, lane q keeps the total of number q. */
  const exchange = (m: number): string => {
    const lines: string[] = []
    for (let half = G / 2; half >= 1; half /= 2)
      for (const k of range(half)) {
        const [low, high] = [`y${m * G + k}`, `y${m * G + k + half}`]
        lines.push(`${low} = select(${low}, ${high}, q${half}) + subgroupShuffleXor(select(${high}, ${low}, q${half}), ${half}u);`)
      }
    return lines.join('\n')
  }
  const bits = range(Math.log2(G)).map((k) => 1 << k)
  const live = (m: number): string => [lTail && `l + ${m * G}u + q < ${seqlen}u`, dTail && 'ok'].filter(Boolean).join(' && ')
  const guarded = (condition: string, statement: string): string => (condition ? `if (${condition}) { ${statement} }` : statement)
  const endChunk = (ck: string): string =>
    `{ ${bits.map((k) => `total += subgroupShuffleXor(total, ${k}u);`).join(' ')}
${guarded([dTail && 'ok', G > 1 && 'q == 0u'].filter(Boolean).join(' && '), sums.put('0u', `(${ck} * ${batch}u + b) * ${D}u + d`, 'total'))} total = 0.0; }`

  const body = `let b = wid.y; let q = li % ${G}u; let base = li % ${SG}u - q; let d0 = wid.x * ${channels}u + li / ${G}u;
${dTail ? `let ok = d0 < ${D}u; let d = min(d0, ${D - 1}u);` : 'let d = d0;'}
${bits.map((k) => `let q${k} = (q & ${k}u) != 0u;`).join(' ')}
let pv = ${v.states.get4('0u', `${o.params + D * NV}u + d`)}; let Dd = pv.x; let bias = pv.y;
let a = ${v.states.get4('0u', `${o.params}u + d * ${NV}u + q`)};
${names.map((name) => `let p_${name} = ${arrays[name].place(`b * ${seqlen}u`, 'd')};`).join(' ')} let p_y = ${v.y.place(`b * ${seqlen}u`, 'd')};
${range(M)
  .map((m) => names.map((name) => `var n_${name}${m} = ${load(name, step('0u', m))};`).join(' '))
  .join('\n')}
${perThread.map((i) => `var nx${i} = vec4f();`).join(' ')}
${fetchTile('0u')}
${storeTile('0u')}
workgroupBarrier();
var h = vec4f(); var total = 0.0;
for (var l = 0u; l < ${seqlen}u; l += ${T}u) {
if (l % ${RT}u == 0u) {
${fetchTile(`l + ${RT}u`)} }
if (l % ${chunk}u == 0u) { if (l > 0u) ${endChunk(`(l / ${chunk}u - 1u)`)}
${guarded(dTail ? 'ok' : '', v.states.put4('0u', `(l / ${chunk}u * ${batch}u + b) * ${NV * D}u + q * ${D}u + d`, 'h'))} }
let at = l / ${RT}u % 2u * ${2 * half}u + l % ${RT}u * ${NV}u; let ln = select(l + ${T}u, 0u, l + ${T}u >= ${seqlen}u);
${range(M)
  .map(
    (m) => `${names.map((name) => `let ${name}${m} = n_${name}${m}; n_${name}${m} = ${load(name, step('ln', m))};`).join(' ')}
let raw${m} = dt${m} + bias; let sp${m} = softplus(raw${m}, exp(min(raw${m}, 20.0)));
let dl${m} = ${lTail ? `select(0.0, sp${m}, l + ${m * G}u + q < ${seqlen}u)` : `sp${m}`}; let x${m} = dl${m} * u${m}; total += dl${m};`,
  )
  .join('\n')}
${range(T)
  .map((k) => `var y${k}: f32;`)
  .join(' ')}
${range(T).map(oneStep).join('\n')}
${range(M)
  .map(
    (m) => `${exchange(m)}
${guarded(live(m), v.y.store(`p_y + (l + ${m * G}u + q) * ${v.y.ld}u`, `fma(Dd, u${m}, y${m * G}) * z${m} * sigm(z${m})`))}`,
  )
  .join('\n')}
if (l % ${RT}u == ${RT - T}u) { ${storeTile(`((l / ${RT}u + 1u) % 2u)`)} workgroupBarrier(); }
}
${endChunk(`${s.chunks - 1}u`)}`
  return { globals: `${SCAN_FUNCTIONS}${fetcher('B')}${fetcher('C')}\nvar<workgroup> BC: array<vec4f, ${4 * half}>;`, body, workgroup: WG }
}
