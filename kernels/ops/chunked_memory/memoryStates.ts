import { columnOf, declareBlock, each, multiply, slabMemory } from '../../backends/webgpu/blocks.ts'
import { bindOperands, ceilDiv, type Dispatch, kernel, type part, range, reads } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import { type MemoryPlan, rowNames } from './memoryPlan.ts'
import { declareCarried, fetchRows, gate, leftAtEnd, leftOfState, tilePlace } from './memoryTiles.ts'

type Part = ReturnType<typeof part>

/**
 * What each chunk adds to the state by itself, into `states[chunk]`: Σ_s weight_s keys_s values_sᵀ. Forward the weight is what is left of
 * step s at the chunk's end; backward (`rows` given) keys are q, values dy, and the weight is what is left of the state at step s.
 */
export function chunkStates(
  s: MemoryPlan,
  label: string,
  { keys, values, gates, states, rows }: { keys: Operand; values: Operand; gates: Part; states: Part; rows?: Part },
): Dispatch {
  const bound = bindOperands({
    keys: reads(keys, true),
    values: reads(values, true),
    gates,
    states,
    ...(rows && s.normalised ? { rows } : {}),
  } as Record<string, Part>)
  const { views } = bound
  const { tile } = s
  const [tall, tiles] = [ceilDiv(s.N, tile.rows), ceilDiv(s.P, s.Q)]
  const K = fetchRows('keysAt', views.keys, { width: s.N, vec: true })
  const V = fetchRows('valuesAt', views.values, { width: s.P, vec: true })
  const inverse = gate(views.gates, s, 5, 't')
  const weight = rows
    ? `${leftOfState(views.gates, s, 't')}${s.normalised ? ` * ${inverse}` : ''}`
    : `${leftAtEnd(views.gates, s, 't')} * ${gate(views.gates, s, 4, 't')}`
  // What the normaliser's column gets of a weighted key: all of it, or the share of the gradient that reaches ⟨q, n⟩.
  const share =
    rows && s.normalised
      ? `${views.rows.get('0u', `((b * ${s.H}u + h) * ${rowNames(s).count}u * ${s.chunks}u + ck) * ${s.Q}u + t`)} / ${inverse}`
      : '1.0'
  const put = (i: number, q: number): string => {
    const [column, value] = [`(c0 + ${columnOf(tile, q)})`, `acc${i}_${q}`]
    return s.P % 4 === 0
      ? `if (tr + ${i}u < ${s.N}u && ${column} < ${s.P}u) { ${views.states.put4('0u', `first + ((tr + ${i}u) * ${s.P}u + ${column}) / 4u`, value)} }`
      : [0, 1, 2, 3]
          .map(
            (j) =>
              `if (tr + ${i}u < ${s.N}u && ${column} + ${j}u < ${s.P}u) { ${views.states.put('0u', `first * 4u + (tr + ${i}u) * ${s.P}u + ${column} + ${j}u`, `${value}[${j}]`)} }`,
          )
          .join(' ')
  }
  const normaliser = `if (c0 == 0u && li < ${tile.rows}u) { for (var k = 0u; k < ${tile.slab}u; k++) { nsum += At[k * ${tile.rows / 4}u + li / 4u][li % 4u] * shares[k0 + k]; } }`
  return kernel({
    label,
    bound,
    workgroup: tile.threads,
    groups: tiles * tall * s.chunks * s.H * s.batch,
    globals: `${slabMemory(tile)} var<workgroup> weights: array<f32, ${s.Q}>; ${s.normalised ? `var<workgroup> shares: array<f32, ${s.Q}>;` : ''}
${K.code} ${V.code}`,
    body: `${tilePlace(s, tiles, { parts: tall, idle: rows ? 'ck == 0u' : `ck + 1u >= ${s.chunks}u` })}
${rows ? declareCarried(views.gates, s) : ''}
for (var t = li; t < ${s.Q}u; t += ${tile.threads}u) { let live = t < steps; weights[t] = select(0.0, ${weight}, live); ${
      s.normalised ? `shares[t] = select(0.0, ${share}, live);` : ''
    } }
let c0 = beside * ${s.Q}u; workgroupBarrier();
${declareBlock(tile, 'acc')} var nsum = 0.0;
${multiply(tile, 'acc', {
  from: '0u',
  to: 'steps',
  A: { transposed: false, get: (k, c) => `weights[${k}] * keysAt(row0 + ${k}, ${k} < steps, r0 + ${c}, g * ${s.N}u)` },
  B: { transposed: false, get: (k, c) => `valuesAt(row0 + ${k}, ${k} < steps, c0 + ${c}, h * ${s.P}u)` },
  inner: s.normalised ? normaliser : '',
})}
${each(tile, put)}
${s.normalised ? `if (c0 == 0u && li < ${tile.rows}u && r0 + li < ${s.N}u) { ${views.states.put('0u', `(first + ${s.n4}u) * 4u + r0 + li`, 'nsum')} }` : ''}`,
  })
}

/**
 * Runs over the chunks, forward or (`backward`) from the end: replaces what each chunk adds by the sum over those before it (behind it),
 * each decayed on the way. A thread per vec4 of a state.
 */
export function passStates(
  s: MemoryPlan,
  label: string,
  { gates, states, backward }: { gates: Part; states: Part; backward: boolean },
): Dispatch {
  const bound = bindOperands({ gates, states })
  const { views } = bound
  const workgroup = 64
  const perHead = ceilDiv(s.state4, workgroup)
  const at = `(head * ${s.chunks}u + ck) * ${s.state4}u + e`
  // The next few chunks are read before the first of them is written, or each would wait for the memory.
  const ahead = Math.min(s.tile.ahead ? 4 : 1, s.chunks)
  const steps = (code: (i: number) => string): string => range(ahead).map(code).join('\n')
  const chunkAt = (i: number): string => `let ck = ${backward ? `${s.chunks - 1}u - (i0 + ${i}u)` : `i0 + ${i}u`};`
  // Elements between N·P and the next vec4 are never written by the chunks.
  const tail = (s.N * s.P) % 4
  const clean = (v: string): string =>
    tail ? `if (e == ${s.n4 - 1}u) { ${v} = vec4f(${[0, 1, 2, 3].map((j) => (j < tail ? `${v}[${j}]` : '0.0')).join(', ')}); }` : ''
  const tailN = s.normalised ? s.N % 4 : 0
  const cleanN = (v: string): string =>
    tailN ? `if (e == ${s.state4 - 1}u) { ${v} = vec4f(${[0, 1, 2, 3].map((j) => (j < tailN ? `${v}[${j}]` : '0.0')).join(', ')}); }` : ''
  return kernel({
    label,
    bound,
    workgroup,
    groups: perHead * s.batch * s.H,
    body: `let head = w / ${perHead}u; let e = w % ${perHead}u * ${workgroup}u + li; if (e >= ${s.state4}u) { return; }
var sum = vec4f();
for (var i0 = 0u; i0 < ${s.chunks}u; i0 += ${ahead}u) {
${steps(
  (
    i,
  ) => `var added${i} = vec4f(); var left${i} = 0.0; if (i0 + ${i}u < ${s.chunks}u) { ${chunkAt(i)} let steps = min(${s.Q}u, ${s.seqlen}u - ck * ${s.Q}u); let gb = (head * ${s.chunks}u + ck) * ${8 * s.Q}u;
${declareCarried(views.gates, s)}
if (${backward ? 'ck > 0u' : `ck + 1u < ${s.chunks}u`}) { added${i} = ${views.states.load4(at)}; } left${i} = ${leftOfState(views.gates, s, '(steps - 1u)')}; }
${clean(`added${i}`)} ${cleanN(`added${i}`)}`,
)}
${steps((i) => `if (i0 + ${i}u < ${s.chunks}u) { ${chunkAt(i)} ${views.states.put4('0u', at, 'sum')} sum = fma(vec4f(left${i}), sum, added${i}); }`)}
}`,
  })
}
