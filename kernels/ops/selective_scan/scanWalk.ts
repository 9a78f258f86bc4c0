import { range, type View } from '../../backends/webgpu/wgsl.ts'
import { SCAN_FUNCTIONS } from './scanShader.ts'
import type { ScanShape, WalkKind } from './scanPlan.ts'

/** What a walk reads and writes; each kind has its own of the optional ones. */
export interface WalkViews {
  readonly u: View
  readonly delta: View
  readonly B: View
  /** saved: chunk-start states, then the channels' parameters. */
  readonly states: View
  /** A [D, N], D and delta_bias [1, D], where a walk reads them itself and not from `states`. */
  readonly A?: View
  readonly D?: View
  readonly bias?: View
  readonly sums?: View
  readonly z?: View
  readonly C?: View
  readonly y?: View
  readonly dy?: View
  readonly dz?: View
  readonly du?: View
  readonly ddelta?: View
  readonly chunks?: View
  readonly steps?: View
}

/** An array with one element per step and channel: WGSL of the place of step 0 of this lane, and elements from step to step. */
interface Channelwise {
  readonly view: View
  readonly first: string
  readonly ld: number
}

export interface Offsets {
  readonly params: number
  readonly dA: number
  readonly at: Readonly<Record<'g' | 'Y' | 'dC' | 'dB' | 'dD' | 'adjoints' | 'sums', number>>
}

/**
 * WGSL of a walk over one chunk of one sequence, a lane per channel for all loads and stores.
 *   F1: from state 0, the chunk's end state and Σ Δ.           F2: from the true start state, y.
 *   K1: forwards, dz, g, Y, partial dC, the local adjoint of the start, the w part of dA.
 *   K3: backwards, du, ddelta, partial dB, the v part of dA, dD, ddelta_bias.
 * With λ_t the adjoint of h_t, a_t = exp(Δ_t A) and x_t = λ_t a_t h_{t−1}, ddelta and dA need Σ A x_t and Σ Δ_t x_t. Now
 * x_t = x_{t+1} + w_t − v_t with w_t = C_t g_t a_t h_{t−1} (known walking forwards) and v_t = a_{t+1} λ_{t+1} Δ_t u_t B_t (known walking
 * backwards), so neither walk stores states: Y_t = Σ A w_t comes from K1, X is a running sum in K3, restarted at each chunk from its
 * end state. The term C_t g_t Δ_t u_t B_t that both could hold is left out of both, or states that decay at once would leave its rounding.
 * c lanes share their c channels: lane q holds states slice q of the channels lane ^ r, r < c. Sums over channels (dB, dC) halve the
 * values held at each exchange, then pass through a double-buffered workgroup tile of RT steps: one barrier per RT steps.
 */
export function walk(kind: WalkKind, s: ScanShape, v: WalkViews, o: Offsets): { globals: string; body: string; workgroup: number } {
  const { D, N, NP, NV, batch, seqlen, chunk, chunks, subgroup: SG } = s
  const { workgroup: WG, T, c, RT, tiled } = s.walks[kind]
  const [VJ, NW, lc, top] = [NV / c, WG / SG, Math.log2(c), Math.log2(SG)]
  const backwards = kind === 'K3'
  const summed = kind === 'K1' || kind === 'K3'
  const useC = kind !== 'F1'
  const dTail = D % WG !== 0
  const lTail = seqlen % chunk !== 0 || chunk % T !== 0
  const [R, J, K] = [range(c), range(VJ), range(T)]
  const RJ = R.flatMap((r) => J.map((j) => [r, j] as const))
  const matrices = useC ? 2 : 1
  const tileSize = RT * NV
  const tile = tiled ? 2 * matrices * tileSize : matrices * chunk * NV
  const row = (l: string): string => `(b * ${seqlen}u + ${l})`

  // Channel-wise arrays: where this lane's first step lies, and the place of step l from there (integer work per step is what it saves).
  const stepArray = (name: 'g' | 'Y'): Channelwise => ({ view: v.steps!, first: `${o.at[name]}u + b * ${seqlen * D}u + d`, ld: D })
  const operand = (view: View): Channelwise => ({ view, first: view.place(`b * ${seqlen}u`, 'd'), ld: view.ld })
  const reads: Record<string, Channelwise> = {
    u: operand(v.u),
    dt: operand(v.delta),
    ...(kind === 'F2' || kind === 'K1' ? { z: operand(v.z!) } : {}),
    ...(kind === 'K1' ? { dout: operand(v.dy!) } : {}),
    ...(kind === 'K3' ? { g: stepArray('g'), Y: stepArray('Y') } : {}),
  }
  const writes: Record<string, Channelwise> = {
    ...(kind === 'F2' ? { to_y: operand(v.y!) } : {}),
    ...(kind === 'K1' ? { to_dz: operand(v.dz!), to_g: stepArray('g'), to_Y: stepArray('Y') } : {}),
    ...(kind === 'K3' ? { to_du: operand(v.du!), to_ddelta: operand(v.ddelta!) } : {}),
  }
  const load = (name: string, l: string): string => reads[name].view.load(`p_${name} + ${l} * ${reads[name].ld}u`)
  const store = (name: string, l: string, value: string): string => writes[name].view.store(`p_${name} + ${l} * ${writes[name].ld}u`, value)
  const arrays = Object.keys(reads)
  const clamp = (l: string, k: number): string => (lTail ? `min(${l} + ${k}u, ${seqlen - 1}u)` : `(${l} + ${k}u)`)

  const whole = N === NP
  const element = (name: 'B' | 'C', r: string, j: string): string => (whole ? v[name]!.get4(r, j) : `fetch${name}(${r}, ${j})`)
  const fetcher = (name: 'B' | 'C'): string =>
    whole
      ? ''
      : `fn fetch${name}(r: u32, j: u32) -> vec4f { var v = vec4f(); ${range(4)
          .map((i) => `if (j * 4u + ${i}u < ${N}u) { v[${i}] = ${v[name]!.get('r', `j * 4u + ${i}u`)}; }`)
          .join(' ')} return v; }\n`
  const globals = `${SCAN_FUNCTIONS}${fetcher('B')}${useC ? fetcher('C') : ''}
var<workgroup> BC: array<vec4f, ${tile}>;
${summed ? `var<workgroup> red: array<f32, ${2 * NW * RT * NP}>;` : ''}`

  // Loading B and C: a whole chunk before the walk, or a tile of RT steps fetched to registers early and stored late.
  const perThread = range(Math.ceil((matrices * tileSize) / WG))
  const fetchTile = (t: string): string =>
    perThread
      .map(
        (i) =>
          `{ let e = li + ${i * WG}u; if (e < ${matrices * tileSize}u) { let r = ${row(`min(${t} + e % ${tileSize}u / ${NV}u, ${seqlen - 1}u)`)}; let j = e % ${NV}u; ${useC ? `if (e < ${tileSize}u) { nx${i} = ${element('B', 'r', 'j')}; } else { nx${i} = ${element('C', 'r', 'j')}; }` : `nx${i} = ${element('B', 'r', 'j')};`} } }`,
      )
      .join('\n')
  const storeTile = (parity: string): string =>
    perThread
      .map(
        (i) =>
          `if (li + ${i * WG}u < ${matrices * tileSize}u) { BC[(${parity}) % 2u * ${matrices * tileSize}u + li + ${i * WG}u] = nx${i}; }`,
      )
      .join(' ')
  const loadChunk = `for (var i = li; i < ${chunk * NV}u; i += ${WG}u) { let t = i / ${NV}u; let j = i % ${NV}u;
${seqlen % chunk ? `if (l0 + t >= lend) { BC[i] = vec4f(); ${useC ? `BC[i + ${chunk * NV}u] = vec4f();` : ''} continue; }` : ''}
BC[i] = ${element('B', row('l0 + t'), 'j')}; ${useC ? `BC[i + ${chunk * NV}u] = ${element('C', row('l0 + t'), 'j')};` : ''} }`
  const at = (name: 'B' | 'C', tl: string, j: number): string =>
    tiled
      ? `BC[${tl} / ${RT}u % 2u * ${matrices * tileSize}u + ${name === 'C' ? tileSize : 0}u + ${tl} % ${RT}u * ${NV}u + s${j}]`
      : `BC[${name === 'C' ? chunk * NV : 0}u + ${tl} * ${NV}u + s${j}]`

  const broadcast = (value: string, name: string): string =>
    R.slice(1)
      .map((r) => `let ${name}${r} = subgroupShuffleXor(${value}, ${r}u);`)
      .join(' ')
  const gather = (name: string): string => R.map((r) => (r ? `subgroupShuffleXor(hs(${name}${r}), ${r}u)` : `hs(${name}0)`)).join(' + ')
  const stateAt = (r: number, j: number, ck = 'ck'): string =>
    v.states.get4('0u', `(${ck} * ${batch}u + b) * ${NV * D}u + s${j} * ${D}u + c${r}`)
  const chunkAt = (second: boolean, r: number, j: number): string =>
    `${second ? o.dA : 0}u + (ck * ${batch}u + b) * ${NV * D}u + s${j} * ${D}u + c${r}`

  let start = `${kind === 'F2' || backwards ? `let ck = ${chunks - 1}u - wid.z; let b = ${batch - 1}u - wid.y;` : 'let ck = wid.z; let b = wid.y;'}
let d0 = wid.x * ${WG}u + li; ${dTail ? `let ok = d0 < ${D}u; let d = min(d0, ${D - 1}u);` : 'let d = d0;'} let lane = li % ${SG}u; let q = lane % ${c}u;
let l0 = ck * ${chunk}u; let lend = min(l0 + ${chunk}u, ${seqlen}u);
let pm = ${summed ? `(lane >> ${lc}u) & ${Math.min(VJ, SG / c) - 1}u` : '0u'};
${J.map((j) => `let s${j} = q * ${VJ}u + (${j}u ^ pm);`).join(' ')}
${R.map((r) => `let c${r} = ${r ? (dTail ? `min(d0 ^ ${r}u, ${D - 1}u)` : `d ^ ${r}u`) : 'd'};`).join(' ')}
let pv = ${v.states.get4('0u', `${o.params + D * NV}u + d`)}; let Dd = pv.x; let bias = pv.y;
${RJ.map(([r, j]) => `let a${r}_${j} = ${v.states.get4('0u', `${o.params}u + c${r} * ${NV}u + s${j}`)};`).join('\n')}
${Object.entries({ ...reads, ...writes })
  .map(([name, a]) => `let p_${name} = ${a.first};`)
  .join(' ')}
let turns = (lend - l0 + ${T - 1}u) / ${T}u; let first = ${backwards ? `l0 + (turns - 1u) * ${T}u` : 'l0'};
${K.map((k) => arrays.map((a) => `var n_${a}${k} = ${load(a, clamp('first', k))};`).join(' ')).join('\n')}
${
  tiled
    ? `${perThread.map((i) => `var nx${i} = vec4f();`).join(' ')} let sub0 = (first - l0) / ${RT}u;
${fetchTile(`(l0 + sub0 * ${RT}u)`)}\n${storeTile('sub0')}`
    : loadChunk
}
`
  if (kind === 'F1') start += `var total = 0.0; ${RJ.map(([r, j]) => `var h${r}_${j} = vec4f();`).join(' ')}`
  if (kind === 'F2' || kind === 'K1') start += RJ.map(([r, j]) => `var h${r}_${j} = ${stateAt(r, j)};`).join('\n')
  if (kind === 'K1')
    start += `${R.map((r) => `var k${r} = 0.0;`).join(' ')} ${RJ.map(([r, j]) => `var p${r}_${j} = vec4f(1.0); var e${r}_${j} = vec4f(); var A${r}_${j} = vec4f();`).join('\n')}`
  if (backwards)
    start += `let cum = ${v.sums!.get('0u', `(ck * ${batch}u + b) * ${D}u + d`)}; var dD = 0.0; var db = 0.0; var X = 0.0;
${R.map((r) => `var cu${r} = ${r ? `subgroupShuffleXor(cum, ${r}u)` : 'cum'}; var X${r} = vec4f();`).join(' ')}
${RJ.map(
  ([
    r,
    j,
  ]) => `var e${r}_${j} = ${v.chunks!.get4('0u', chunkAt(false, r, j))}; var A${r}_${j} = ${v.chunks!.get4('0u', chunkAt(true, r, j))};
{ let x = e${r}_${j} * ${stateAt(r, j, `min(ck + 1u, ${chunks - 1}u)`)}; X${r} = fma(a${r}_${j}, x, X${r}); A${r}_${j} = fma(vec4f(cu${r}), x, A${r}_${j}); }`,
).join('\n')}
X = ${gather('X')};`

  /** Sums vec4s t0 … over the subgroup's channels; leaves the result in `red`. */
  const sumOverChannels = (tl: string): string => {
    const stages = Math.min(Math.log2(VJ), top - lc)
    let code = ''
    for (let k = stages - 1; k >= 0; k--)
      for (const j of J)
        if (((j >> k) & ((1 << (stages - k)) - 1)) === 0) code += `t${j} += subgroupShuffleXor(t${j | (1 << k)}, ${1 << (lc + k)}u);\n`
    const left = J.filter((j) => j % (1 << stages) === 0)
    const base = `((${tl} / ${RT}u % 2u) * ${NW * RT}u + (li / ${SG}u) * ${RT}u + ${tl} % ${RT}u) * ${NP}u`
    if (left.length > 1)
      return `${code}{ let ri = ${base}; ${left
        .map((j) =>
          range(4)
            .map((i) => `red[ri + s${j} * 4u + ${i}u] = t${j}[${i}];`)
            .join(' '),
        )
        .join('\n')} }`
    let [bit, value, index, keep] = [lc + stages, 't0', 's0 * 4u', 4]
    if (bit < top) {
      code += `let hi = (lane & ${1 << bit}u) != 0u; let m2 = select(t0.xy, t0.zw, hi) + subgroupShuffleXor(select(t0.zw, t0.xy, hi), ${1 << bit}u);\n`
      ;[value, index, keep, bit] = ['m2', `${index} + select(0u, 2u, hi)`, 2, bit + 1]
    }
    if (keep === 2 && bit < top) {
      code += `let hj = (lane & ${1 << bit}u) != 0u; var m1 = select(m2.x, m2.y, hj) + subgroupShuffleXor(select(m2.y, m2.x, hj), ${1 << bit}u);\n`
      ;[value, index, keep, bit] = ['m1', `${index} + select(0u, 1u, hj)`, 1, bit + 1]
    }
    const writers = 1 << bit
    for (; bit < top; bit++) code += `${value} += subgroupShuffleXor(${value}, ${1 << bit}u);\n`
    const stores = range(keep).map((i) => `red[ri + ${i}u] = ${keep === 1 ? value : `${value}[${i}]`};`)
    return `${code}{ let ri = ${base} + ${index}; ${writers < SG ? `if (lane < ${writers}u)` : ''} { ${stores.join(' ')} } }`
  }

  const live = lTail || dTail ? `if (${[lTail && 'live', dTail && 'ok'].filter(Boolean).join(' && ')})` : ''
  const masked = (e: string, allChannels = false): string => {
    const conditions = [lTail && 'live', dTail && !allChannels && 'ok'].filter(Boolean)
    return conditions.length ? `select(0.0, ${e}, ${conditions.join(' && ')})` : e
  }
  const oneStep = (k: number): string => {
    const tl = `(l - l0 + ${k}u)`
    const here = clamp('l', k)
    let code = `${lTail ? `let live = l + ${k}u < lend;` : ''} let uu = ${masked(`u${k}`)}; let raw = dt${k} + bias; let ew = exp(min(raw, 20.0));
let dl = ${masked('softplus(raw, ew)', true)}; let x = dl * uu; let dl0 = dl; let x0 = x; ${broadcast('dl', 'dl')} ${broadcast('x', 'x')}\n`
    if (kind === 'F1') code += 'total += dl;\n'
    if (kind === 'F2') code += R.map((r) => `var y${r} = vec4f();`).join(' ')
    if (kind === 'K1')
      code += `let sg = sigm(z${k}); let sl = z${k} * sg; let g = ${masked(`dout${k} * sl`)}; let g0 = g; ${broadcast('g', 'g')}
${R.map((r) => `k${r} += dl${r}; var y${r} = vec4f(); var Y${r} = vec4f();`).join(' ')} ${J.map((j) => `var t${j} = vec4f();`).join(' ')}\n`
    if (backwards)
      code += `let g = ${masked(`g${k}`)}; let g0 = g; ${broadcast('g', 'g')}
${R.map((r) => `let k${r} = -(cu${r} * x${r}); cu${r} -= dl${r}; var y${r} = vec4f(); var Z${r} = vec4f();`).join(' ')} ${J.map((j) => `var t${j} = vec4f();`).join(' ')}\n`
    code += J.map((j) => `let b${j}_ = ${at('B', tl, j)}; ${useC ? `let C${j}_ = ${at('C', tl, j)};` : ''}`).join('\n')
    for (const [r, j] of RJ) {
      const i = `${r}_${j}`
      code += `\n{ let E = exp2(dl${r} * a${i}); `
      if (kind === 'K1') code += `let eh = E * h${i}; h${i} = fma(vec4f(x${r}), b${j}_, eh); `
      else if (!backwards) code += `h${i} = fma(E, h${i}, x${r} * b${j}_); `
      if (kind === 'F2') code += `y${r} = fma(h${i}, C${j}_, y${r});`
      if (kind === 'K1')
        code += `y${r} = fma(h${i}, C${j}_, y${r}); let cg = C${j}_ * g${r}; t${j} = fma(h${i}, vec4f(g${r}), t${j}); let ww = cg * eh; Y${r} = fma(a${i}, ww, Y${r}); A${i} = fma(vec4f(k${r}), ww, A${i}); p${i} *= E; e${i} = fma(p${i}, cg, e${i});`
      if (backwards)
        code += `let v = e${i} * b${j}_; let lam = fma(C${j}_, vec4f(g${r}), e${i}); e${i} = E * lam; t${j} = fma(lam, vec4f(x${r}), t${j}); y${r} = fma(lam, b${j}_, y${r}); Z${r} = fma(a${i}, v, Z${r}); A${i} = fma(vec4f(k${r}), v, A${i});`
      code += ' }'
    }
    code += '\n'
    if (kind === 'F2') code += `let y = ${gather('y')}; ${live} { ${store('to_y', here, `fma(Dd, u${k}, y) * z${k} * sigm(z${k})`)} }`
    if (kind === 'K1') {
      code += `let y = ${gather('y')}; let Y = ${gather('Y')};
${live} { ${store('to_dz', here, `dout${k} * fma(Dd, u${k}, y) * sg * (1.0 + z${k} * (1.0 - sg))`)} ${store('to_g', here, 'g')} ${store('to_Y', here, 'Y')} }
${sumOverChannels(tl)}`
    }
    if (backwards)
      code += `let y = ${gather('y')}; let Z = ${gather('Z')}; X += ${masked(`Y${k}`)} - x * Z; let gt = fma(uu, y, X * LN2) * ew / (1.0 + ew);
${live} { ${store('to_du', here, 'fma(Dd, g, dl * y)')} ${store('to_ddelta', here, 'gt')} } dD = fma(g, uu, dD); db += ${masked('gt')};
${sumOverChannels(tl)}`
    return `{ ${code} }`
  }

  const turn = backwards
    ? `for (var it = turns; it > 0u; it--) { let l = l0 + (it - 1u) * ${T}u; let ln = l0 + (max(it - 1u, 1u) - 1u) * ${T}u;`
    : `for (var l = l0; l < lend; l += ${T}u) { let ln = select(l + ${T}u, l0, l + ${T}u >= lend);`
  const tileStarts = backwards ? `(l - l0) % ${RT}u == ${RT - T}u || it == turns` : `(l - l0) % ${RT}u == 0u`
  const nextTile = backwards ? `(l0 + (max((l - l0) / ${RT}u, 1u) - 1u) * ${RT}u)` : `(l + ${RT}u)`
  const tileEnds = backwards ? `(l - l0) % ${RT}u == 0u` : `(l - l0 + ${T}u) % ${RT}u == 0u || l + ${T}u >= lend`
  const partial = kind === 'K1' ? o.at.dC : o.at.dB
  const sumWaves =
    NW <= 8
      ? `let sum = ${range(NW)
          .map((w) => `red[rb + ${w * RT * NP}u + i]`)
          .join(' + ')};`
      : `var sum = 0.0; for (var k = 0u; k < ${NW}u; k++) { sum += red[rb + k * ${RT * NP}u + i]; }`
  // Walking backwards, the tile that follows has the other parity too.
  const boundary =
    summed || tiled
      ? `if (${tileEnds}) { let t0 = (l - l0) / ${RT}u * ${RT}u; ${tiled ? storeTile(`t0 / ${RT}u + 1u`) : ''} workgroupBarrier();
${
  summed
    ? `let rb = (t0 / ${RT}u % 2u) * ${NW * RT * NP}u; let count = min(${RT}u, lend - l0 - t0) * ${NP}u; let o0 = ${partial}u + ((wid.x * ${batch}u + b) * ${seqlen}u + l0 + t0) * ${NP}u;
for (var i = li; i < count; i += ${WG}u) { ${sumWaves} ${v.steps!.put('0u', 'o0 + i', 'sum')} }`
    : ''
} }`
      : ''
  const mine = (r: number): string => (dTail ? `if ((d0 ^ ${r}u) < ${D}u)` : '')
  let end = ''
  if (kind === 'F1')
    end = `${dTail ? 'if (ok)' : ''} { ${v.sums!.put('0u', `(ck * ${batch}u + b) * ${D}u + d`, 'total')} }
${RJ.map(([r, j]) => `${mine(r)} { ${v.states.put4('0u', `(ck * ${batch}u + b) * ${NV * D}u + s${j} * ${D}u + c${r}`, `h${r}_${j}`)} }`).join('\n')}`
  if (kind === 'K1')
    end = RJ.map(
      ([r, j]) =>
        `${mine(r)} { ${v.chunks!.put4('0u', chunkAt(false, r, j), `e${r}_${j}`)} ${v.chunks!.put4('0u', chunkAt(true, r, j), `A${r}_${j}`)} }`,
    ).join('\n')
  if (backwards)
    end = `${RJ.map(([r, j]) => `${mine(r)} { ${v.chunks!.put4('0u', chunkAt(true, r, j), `A${r}_${j}`)} }`).join('\n')}
${dTail ? 'if (ok)' : ''} { let i = ${o.at.dD}u + (ck * ${batch}u + b) * ${D}u + d; ${v.steps!.put('0u', 'i', 'dD')} ${v.steps!.put('0u', `i + ${chunks * batch * D}u`, 'db')} }`

  const body = `${start}
workgroupBarrier();
${turn}
${tiled ? `if (${tileStarts}) {\n${fetchTile(nextTile)} }` : ''}
${K.map((k) => arrays.map((a) => `let ${a}${k} = n_${a}${k};`).join(' ')).join('\n')}
${K.map((k) => arrays.map((a) => `n_${a}${k} = ${load(a, clamp('ln', k))};`).join(' ')).join('\n')}
${(backwards ? [...K].reverse() : K).map(oneStep).join('\n')}
${boundary}
}
${end}`
  return { globals, body, workgroup: WG }
}
