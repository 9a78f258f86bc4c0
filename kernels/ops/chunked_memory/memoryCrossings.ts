import { columnOf, declareBlock, each, groupRange, multiply, slabMemory } from '../../backends/webgpu/blocks.ts'
import {
  type Bound,
  bindOperands,
  ceilDiv,
  type Dispatch,
  kernel,
  type part,
  range,
  reads,
  type View,
  writes,
} from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import { type MemoryPlan, rowNames } from './memoryPlan.ts'
import { declareCarried, fetchRows, gate, gate4, gatePlace, leftAtEnd, leftOfState, tilePlace } from './memoryTiles.ts'

type Part = ReturnType<typeof part>

/**
 * What passes from step to step inside a chunk: with m_ts = (q_t k_s)(dy_t v_s + dqn_t) decay_ts (s ≤ t), per part of the rows t, for each s
 * given_s = Σ_t m_ts and crossed_s = Σ_{t > s} Σ_{i ≤ s} m_ti w_i (from s or before to behind s); and ⟨dy_t, v_t⟩. Nothing is a difference
 * of large sums, so strong forgetting loses no digits.
 */
export function memoryCrossings(
  s: MemoryPlan,
  label: string,
  { q, k, v, dy, gates, rows }: { q: Operand; k: Operand; v: Operand; dy: Operand; gates: Part; rows: Part },
): Dispatch {
  const bound = bindOperands({ q: reads(q, true), k: reads(k, true), v: reads(v, true), dy: reads(dy, true), gates, rows } as Record<
    string,
    Part
  >)
  const { views } = bound
  const isKey = (n: string): boolean => n === 'q' || n === 'k'
  const at = (n: string, t: string, c: string): string =>
    `${n}At(row0 + ${t}, ${t} < steps, ${c}, ${isKey(n) ? `g * ${s.N}u` : `h * ${s.P}u`})${n === 'dy' && s.normalised ? ` * ${gate(views.gates, s, 5, t)}` : ''}`
  const tile = s.crossing
  const dots = (name: string, a: string, b: string, inner: number): string =>
    multiply(tile, name, {
      from: '0u',
      to: `${inner}u`,
      A: { transposed: true, get: (r, k) => at(a, `(r0 + ${r})`, k) },
      B: { transposed: true, get: (c, k) => at(b, c, k) },
    })
  const names = rowNames(s)
  const rowAt = (which: string, t: string): string => `rb + (${which}) * ${s.chunks * s.Q}u + ${t}`
  const ldM = s.Q + 1
  const keep = (i: number, q: number): string => {
    const exponent = `(vec4f(${gate(views.gates, s, 0, `tr + ${i}u`)}) + gi${q}) + (vec4f(${gate(views.gates, s, 1, `tr + ${i}u`)}) + gf${q})`
    const extra = s.normalised ? ` + vec4f(${views.rows.get('0u', rowAt('0u', `min(tr + ${i}u, steps - 1u)`))})` : ''
    return `{ let t = tr + ${i}u; let m = select(vec4f(), qk${i}_${q} * (gv${i}_${q}${extra}) * exp2(${exponent}), (cols${q} <= vec4u(t)) & (vec4u(t) < vec4u(steps)));
let place = (rt * ${tile.tm}u + ${i}u) * ${ldM}u + ${columnOf(tile, q)}; M[place] = m.x; M[place + 1u] = m.y; M[place + 2u] = m.z; M[place + 3u] = m.w;
if (t / 4u * 4u == ${columnOf(tile, q)} && t < steps) { ${views.rows.put('0u', rowAt(`${names.own}u`, 't'), `gv${i}_${q}[t % 4u]`)} } }`
  }
  const eachColumn = (body: string): string => `for (var c = li; c < ${s.Q}u; c += ${tile.threads}u) { ${body} }`
  return kernel({
    label,
    bound,
    workgroup: tile.threads,
    groups: names.parts * s.chunks * s.H * s.batch,
    globals: `${slabMemory(tile)} var<workgroup> M: array<f32, ${tile.rows * ldM}>;
${['q', 'k', 'v', 'dy'].map((n) => fetchRows(`${n}At`, views[n], { width: isKey(n) ? s.N : s.P, vec: true }).code).join('\n')}`,
    body: `${tilePlace(s, 1, { tile, idle: 'false' })}
let rb = ((b * ${s.H}u + h) * ${names.count}u * ${s.chunks}u + ck) * ${s.Q}u;
${declareBlock(tile, 'qk')} ${declareBlock(tile, 'gv')}
${dots('qk', 'q', 'k', s.N)}
${dots('gv', 'dy', 'v', s.P)}
${groupRange(tile)
  .map((q) => {
    const c = columnOf(tile, q)
    return `let cols${q} = vec4u(${c}) + vec4u(0u, 1u, 2u, 3u); let gi${q} = ${gate4(views.gates, s, 2, c)}; let gf${q} = ${gate4(views.gates, s, 3, c)};`
  })
  .join('\n')}
${each(tile, keep)}
workgroupBarrier();
${eachColumn(`var sum = 0.0; let weight = ${gate(views.gates, s, 4, 'c')};
for (var r = 0u; r < ${tile.rows}u; r++) { let m = M[r * ${ldM}u + c]; sum += m; M[r * ${ldM}u + c] = m * weight; }
${views.rows.put('0u', rowAt(`${names.given}u + above`, 'c'), 'sum')}`)}
workgroupBarrier();
for (var r = li; r < ${tile.rows}u; r += ${tile.threads}u) { var sum = 0.0; for (var c = 0u; c < ${s.Q}u; c++) { sum += M[r * ${ldM}u + c]; M[r * ${ldM}u + c] = sum; } }
workgroupBarrier();
${eachColumn(`var sum = 0.0; for (var r = 0u; r < ${tile.rows}u; r++) { sum += select(0.0, M[r * ${ldM}u + c], c < r0 + r); }
${views.rows.put('0u', rowAt(`${names.crossed}u + above`, 'c'), 'sum')}`)}`,
  })
}

/**
 * A kernel of one workgroup of Q threads per chunk and head whose `body` sees, at step t (there if `live`), `da`, the gradient of log d, and
 * `dw`, that of w. `bound` has gates, states, adjoints and rows.
 */
export function gateGradients(
  s: MemoryPlan,
  label: string,
  bound: Bound & { views: Record<string, View> },
  body: string,
  functions = '',
): Dispatch {
  const { gates, states, adjoints, rows } = bound.views
  const names = rowNames(s)
  const row = (which: number, t = 't'): string => rows.get('0u', `rb + ${which * s.chunks * s.Q}u + ${t}`)
  const sum = (first: number, count: number): string =>
    range(count)
      .map((i) => row(first + i))
      .join(' + ')
  return kernel({
    label,
    bound,
    workgroup: s.Q,
    groups: s.chunks * s.H * s.batch,
    globals: `${functions} var<workgroup> sums: array<f32, ${s.Q}>; var<workgroup> entering: array<f32, ${s.Q}>; var<workgroup> leaving: array<f32, ${s.Q}>;`,
    body: `${gatePlace(s)} let chunk = w; let live = t < steps; let first = chunk * ${s.state4}u; let rb = ((b * ${s.H}u + h) * ${names.count}u * ${s.chunks}u + ck) * ${s.Q}u;
${declareCarried(gates, s)}
var across = 0.0; for (var e = li; e < ${s.state4}u; e += ${s.Q}u) { across += dot(${states.load4('first + e')}, ${adjoints.load4('first + e')}); }
sums[li] = across;
var out = 0.0; if (live) { out = ${leftAtEnd(gates, s, 't')} * (${sum(names.leaving, names.tiles)}); }
leaving[t] = out * ${gate(gates, s, 4, 't')};
entering[t] = 0.0; if (live) { entering[t] = ${leftOfState(gates, s, 't')} * (${sum(names.entering, names.tiles)}); }
workgroupBarrier();
for (var half = ${s.Q / 2}u; half > 0u; half /= 2u) { if (li < half) { sums[li] += sums[li + half]; } workgroupBarrier(); }
var da = ${leftOfState(gates, s, '(steps - 1u)')} * sums[0];
for (var r = t; r < ${s.Q}u; r++) { da += entering[r]; }
for (var r = 0u; r < t; r++) { da += leaving[r]; }
if (t > 0u) { da += ${range(names.parts)
      .map((i) => row(names.crossed + i, '(t - 1u)'))
      .join(' + ')}; }
let dw = out + ${sum(names.given, names.parts)};
${body}`,
  })
}

/** y (R, G·N) = the sum over the heads of each group of x, flat (R, H·N). */
export function sumHeads(s: MemoryPlan, label: string, x: Part, y: Operand): Dispatch {
  const vec = s.N % 4 === 0
  const bound = bindOperands({ x, y: writes(y, vec) })
  const { views } = bound
  const [per, unit] = [s.H / s.G, vec ? 4 : 1]
  const width = s.N / unit
  const get = (c: string): string =>
    vec ? views.x.get4('0u', `r * ${s.H * width}u + ${c}`) : views.x.get('0u', `r * ${s.H * width}u + ${c}`)
  return kernel({
    label,
    bound,
    workgroup: 64,
    groups: ceilDiv(y.rows * s.G * width, 64),
    body: `let i = w * 64u + li; if (i >= ${y.rows * s.G * width}u) { return; }
let r = i / ${s.G * width}u; let g = i / ${width}u % ${s.G}u; let c = i % ${width}u;
var sum = ${get(`g * ${per * width}u + c`)};
for (var h = 1u; h < ${per}u; h++) { sum += ${get(`(g * ${per}u + h) * ${width}u + c`)}; }
${vec ? views.y.put4('r', `g * ${width}u + c`, 'sum') : views.y.put('r', `g * ${width}u + c`, 'sum')}`,
  })
}
