import { range, type View } from '../../backends/webgpu/wgsl.ts'
import type { ScanShape } from './scanPlan.ts'
import type { WalkViews } from './scanWalk.ts'

/** WGSL shared by the walks over a whole sequence, in which G lanes share a channel and hold `held` (2 or 4) of its states each. */
export interface Lanes {
  readonly G: number
  /** vec2f or vec4f. */
  readonly V: string
  /** Lane bits, from G up, at which lanes hold their four states in another order: see `turned`. */
  readonly turns: number
  /** Declarations that the pieces below need. */
  readonly globals: string
  /** Names d, d0, ok, q, base, lane, pv, a, … */
  readonly start: string
  /** WGSL of `at`, where the lane's part of the tile of turn number `turn` starts: T steps of B, then of C; two turns have a tile each. */
  readonly at: (turn: string) => string
  /** From step `first` on, T steps of B and C into registers; from there into the tile of this parity; place in the tile. */
  readonly fetch: (first: string) => string
  readonly keep: (parity: string) => string
  readonly matB: (k: number) => string
  readonly matC: (k: number) => string
  /** Registers for `fetch`. */
  readonly registers: string
  /** Sum over a vector. */
  readonly total: (v: string) => string
  /** G sums name{first} … in G lanes: lane q keeps the total of number q, in name{first}. */
  readonly exchange: (name: string, first: number) => string
  /** A lane's states of chunk `ck`, read and written in the layout of the walks over chunks. */
  readonly state: (ck: string) => string
  readonly putState: (ck: string, value: string) => string
  /** Writes the parameters of the lane's channel into `states`, for walks that find them there. */
  readonly putParams: () => string
  /** Which of the lane's four states register i holds. */
  readonly stateOf: (i: number) => string
  /** Value of the lane that owns step k, of the turn's name0 … */
  readonly from: (name: string, k: number) => string
}

/**
 * `turned`: register i holds state i ^ p, where p takes its two bits from the lane's bits G and 2G. A sum over channels that halves the
 * values held at each of those bits then keeps the registers' lower half in every lane, without a choice by lane; the tiles of B and C are
 * kept in each of the orders. `parts` of `workgroup` invocations each have tiles of their own: `part` and `lp` say which and the place in it.
 */
export function lanesOf(
  s: ScanShape,
  v: WalkViews,
  params: number,
  {
    held,
    workgroup: WG,
    T,
    matrices = 2,
    turned = false,
    parts = 1,
  }: { held: number; workgroup: number; T: number; matrices?: 1 | 2; turned?: boolean; parts?: number },
): Lanes {
  const { D, N, NP, NV, batch, seqlen, subgroup: SG } = s
  const G = NP / held
  const turns = turned && held === 4 ? Math.min(2, Math.log2(SG / G)) : 0
  const orders = ['xyzw', 'zwxy', 'yxwz', 'wzyx'].slice(0, 1 << turns)
  const channels = WG / G
  const V = `vec${held}f`
  const dTail = D % channels !== 0
  const whole = N === NP
  const element = (name: 'B' | 'C'): string => (whole ? v[name]!.get4('r', 'j') : `fetch${name}(r, j)`)
  const fetcher = (name: 'B' | 'C'): string =>
    whole
      ? ''
      : `fn fetch${name}(r: u32, j: u32) -> vec4f { var v = vec4f(); ${range(4)
          .map((i) => `if (j * 4u + ${i}u < ${N}u) { v[${i}] = ${v[name]!.get('r', `j * 4u + ${i}u`)}; }`)
          .join(' ')} return v; }\n`
  // In vec4s: T steps of B, then of C; or of C alone.
  const half = T * NV
  const tile = matrices * half
  const offset = (matrices - 1) * half
  const each = range(Math.ceil(tile / WG))
  const lp = parts > 1 ? 'lp' : 'li'
  const own = (elements: number): string => (parts > 1 ? `part * ${2 * elements}u + ` : '')
  const inside = (i: number): string => (tile % WG === 0 ? '' : `if (${lp} + ${i * WG}u < ${tile}u)`)
  // Which of the two matrices a piece belongs to is known here where pieces do not straddle them.
  const choose = (i: number): string =>
    matrices === 1
      ? `nx${i} = ${element('C')};`
      : half % WG === 0
        ? `nx${i} = ${element(i * WG < half ? 'B' : 'C')};`
        : `if (e < ${half}u) { nx${i} = ${element('B')}; } else { nx${i} = ${element('C')}; }`
  const per = 4 / held
  const bits = range(Math.log2(G)).map((k) => 1 << k)
  const quad = held === 4 ? 'q' : 'q / 2u'
  const place = (ck: string): string => `(${ck} * ${batch}u + b) * ${NV * D}u + ${quad} * ${D}u + d`
  const ownA = (A: View): string =>
    `var a4 = vec4f(); ${range(4)
      .map((i) => `${whole ? '' : `if (${quad} * 4u + ${i}u < ${N}u) `}{ a4[${i}] = ${A.get('d', `${quad} * 4u + ${i}u`)} * LOG2E; }`)
      .join(' ')}`
  const mine = (value: string): string =>
    turns ? `turned(${value}, lane)` : held === 4 ? value : `select(${value}.xy, ${value}.zw, (q & 1u) == 1u)`
  return {
    G,
    V,
    turns,
    globals: `${
      turns
        ? `fn turned(v: vec4f, lane: u32) -> vec4f { let x = select(v, v.zwxy, (lane & ${G}u) != 0u); return ${turns === 2 ? `select(x, x.yxwz, (lane & ${2 * G}u) != 0u)` : 'x'}; }\n`
        : ''
    }${matrices === 2 ? fetcher('B') : ''}${fetcher('C')}var<workgroup> BC: array<${V}, ${2 * tile * per * orders.length * parts}>;
fn sum2(v: vec2f) -> f32 { return v.x + v.y; }`,
    start: `${parts > 1 ? `let part = li / ${WG}u; let lp = li % ${WG}u; ` : ''}let lane = li % ${SG}u; let q = li % ${G}u; let base = lane - q; let d0 = wid.x * ${channels}u + ${lp} / ${G}u;
${dTail ? `let ok = d0 < ${D}u; let d = min(d0, ${D - 1}u);` : 'let d = d0;'} ${bits.map((k) => `let q${k} = (q & ${k}u) != 0u;`).join(' ')}
${v.A ? `let Dd = ${v.D!.get('0u', 'd')}; let bias = ${v.bias!.get('0u', 'd')};` : `let pv = ${v.states.get4('0u', `${params + D * NV}u + d`)}; let Dd = pv.x; let bias = pv.y;`}
${turns ? `let order = select(0u, 2u, (lane & ${G}u) != 0u)${turns === 2 ? ` | select(0u, 1u, (lane & ${2 * G}u) != 0u)` : ''};` : ''}
${v.A ? ownA(v.A) : `let a4 = ${v.states.get4('0u', `${params}u + d * ${NV}u + ${quad}`)};`} let a = ${mine('a4')};`,
    fetch: (first) =>
      each
        .map(
          (i) =>
            `${inside(i)} { let e = ${lp} + ${i * WG}u; let r = b * ${seqlen}u + min(${first} + e % ${half}u / ${NV}u, ${seqlen - 1}u); let j = e % ${NV}u; ${choose(i)} }`,
        )
        .join('\n'),
    keep: (parity) =>
      each
        .map((i) => {
          if (turns) {
            const copies = orders.map((order, c) => `BC[to + ${c * NV}u] = nx${i}.${order};`)
            return `${inside(i)} { let e = ${lp} + ${i * WG}u; let to = ${own(tile * orders.length)}${parity} * ${tile * orders.length}u + e / ${NV}u * ${orders.length * NV}u + e % ${NV}u; ${copies.join(' ')} }`
          }
          const to = `${own(tile * per)}${parity} * ${tile * per}u + (${lp} + ${i * WG}u)`
          return held === 4
            ? `${inside(i)} { BC[${to}] = nx${i}; }`
            : `${inside(i)} { let e = ${own(tile * per)}${parity} * ${tile * per}u + (${lp} + ${i * WG}u) * 2u; BC[e] = nx${i}.xy; BC[e + 1u] = nx${i}.zw; }`
        })
        .join(' '),
    at: (turn) =>
      `${own(tile * per * orders.length)}${turn} % 2u * ${tile * per * orders.length}u + ${turns ? `lane / ${G}u % ${orders.length}u * ${NV}u + ` : ''}q`,
    matB: (k) => `BC[at + ${k * G * orders.length}u]`,
    matC: (k) => `BC[at + ${(offset * per + k * G) * orders.length}u]`,
    registers: each.map((i) => `var nx${i} = vec4f();`).join(' '),
    total: (x) => (held === 4 ? `hs(${x})` : `sum2(${x})`),
    exchange: (name, first) => {
      const lines: string[] = []
      for (let far = G / 2; far >= 1; far /= 2)
        for (const k of range(far)) {
          const [low, high] = [`${name}${first + k}`, `${name}${first + k + far}`]
          lines.push(`${low} = select(${low}, ${high}, q${far}) + subgroupShuffleXor(select(${high}, ${low}, q${far}), ${far}u);`)
        }
      return lines.join('\n')
    },
    state: (ck) => mine(v.states.get4('0u', place(ck))),
    putState: (ck, value) =>
      held === 4
        ? v.states.put4('0u', place(ck), value)
        : `{ let i = (${place(ck)}) * 4u + (q & 1u) * 2u; ${v.states.put('0u', 'i', `${value}.x`)} ${v.states.put('0u', 'i + 1u', `${value}.y`)} }`,
    putParams: () =>
      `${held === 4 ? '' : 'if (q % 2u == 0u)'} { ${v.states.put4('0u', `${params}u + d * ${NV}u + ${quad}`, 'a4')} } if (q == 0u) { ${v.states.put4('0u', `${params + D * NV}u + d`, 'vec4f(Dd, bias, 0.0, 0.0)')} }`,
    stateOf: (i) => (turns ? `(${i}u ^ order)` : `${i}u`),
    from: (name, k) => `subgroupShuffle(${name}${Math.floor(k / G)}, base + ${k % G}u)`,
  }
}
