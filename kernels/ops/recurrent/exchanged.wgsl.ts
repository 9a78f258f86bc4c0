import { type Dispatch, kernel, range, type Target, type View } from '../../backends/webgpu/wgsl.ts'
import type { RecurrentSizes } from './cell.ts'
import type { CellShader } from './cells.wgsl.ts'
import { bind, HELD_HEAD, join, type Operands, pointwise } from './held.wgsl.ts'

/**
 * Heads held in registers where 32 invocations exchange theirs: four lanes (a quad) share a unit, lane q with its gate q. A step crosses workgroup
 * memory once, by one barrier: the threads of a row's sum meet by exchange, each level of which halves the rows a thread still has.
 */
const LANES = 32

/** Lanes that share the inner sum of a row forward, a power of two. The tuner changes it. */
export const EXCHANGE = { slices: 8 }

export const canExchange = ({ dh }: RecurrentSizes, { software, subgroup }: Target): boolean =>
  !software && subgroup === LANES && dh % Math.max(8, EXCHANGE.slices) === 0 && dh <= HELD_HEAD

/**
 * WGSL that adds up v0 … v(n−1) over lanes that differ in the bits n/2, …, 1 times `stride`; afterwards v0 is the sum whose number those bits
 * of the lane are. n is a power of two.
 */
function exchangeSums(n: number, stride: number): string {
  const lines: string[] = []
  for (let m = n / 2; m >= 1; m /= 2)
    lines.push(
      `{ let high = (li & ${m * stride}u) != 0u; ${range(m)
        .map(
          (i) =>
            `{ let give = select(v${i + m}, v${i}, high); v${i} = select(v${i}, v${i + m}, high) + subgroupShuffleXor(give, ${m * stride}u); }`,
        )
        .join(' ')} }`,
    )
  return lines.join('\n')
}

/** Of values by gate, this lane's; and its block's column. Lanes beyond them have nothing to write. */
const mine = (values: readonly string[]): string =>
  values.reduceRight((rest, value, q) => (rest ? `select(${rest}, ${value}, quad == ${q}u)` : value), '')
const putMine = (view: View, d: number, values: readonly string[], turn: number): string =>
  values.length === 1
    ? `if (quad == ${turn % 4}u) { ${view.put('row', 'column', values[0])} }`
    : `{ let value = ${mine(values)}; ${values.length < 4 ? `if (quad < ${values.length}u)` : ''} { ${view.put('row', `quad * ${d}u + column`, 'value')} } }`

const places = (
  s: RecurrentSizes,
): string => `let head = wid.x; let unit = li / 4u; let quad = li % 4u; let column = head * ${s.dh}u + unit;
let first = wid.y * ${s.seqlen}u;`
const blockAt = (s: RecurrentSizes, g: number): string => `${g * s.d}u + column`

/** Forward: a thread holds `slices` rows of R at every slices-th column, and after the exchange has one row: its unit's gate. */
export function exchangedForward(cell: CellShader, s: RecurrentSizes, inputs: Operands, outputs: Operands): Dispatch {
  const bound = bind(inputs, outputs, false)
  const { views } = bound
  const { dh } = s
  const S = EXCHANGE.slices
  const [G, rows, inner] = [range(cell.gates), range(S), range(dh / S)]
  const weight = (r: number, i: number): string => {
    const gate = r % 4
    if (gate >= cell.gates) return ''
    return `let w${r}_${i} = ${views.R.get('head', `(${gate * dh}u + group * ${S / 4}u + ${r >> 2}u) * ${dh}u + ${i * S}u + slice`)};`
  }
  const held = rows.filter((r) => r % 4 < cell.gates)
  const single = Object.entries(cell.outputs)
  return kernel({
    label: cell.label,
    bound,
    workgroup: 4 * dh,
    groups: [s.heads, s.batch, 1],
    subgroups: true,
    globals: `${pointwise(s, false).globals}\nvar<workgroup> states: array<f32, ${2 * dh}>;`,
    body: `${places(s)} let slice = li % ${S}u; let group = li / ${S}u; let start = li % ${LANES}u / 4u * 4u;
${join(held, (r) => join(inner, (i) => weight(r, i)))}
${G.map((g) => `let o${g} = ${views.bias.get('0u', blockAt(s, g))}; var n${g} = ${views.Wx.get('first', blockAt(s, g))};`).join(' ')}
var h = 0.0; ${cell.state.map((v) => `var ${v} = 0.0;`).join(' ')} var turn = 0u;
for (var e = li; e < ${2 * dh}u; e += ${4 * dh}u) { states[e] = 0.0; }
workgroupBarrier();
for (var t = 0u; t < ${s.seqlen}u; t++) {
let row = first + t; let after = first + min(t + 1u, ${s.seqlen - 1}u);
${G.map((g) => `let x${g} = n${g}; n${g} = ${views.Wx.get('after', blockAt(s, g))};`).join(' ')}
${inner.map((i) => `let h${i} = states[turn + ${i * S}u + slice];`).join(' ')}
${join(rows, (r) =>
  r % 4 < cell.gates
    ? `var v${r} = w${r}_0 * h0; ${inner
        .slice(1)
        .map((i) => `v${r} = fma(w${r}_${i}, h${i}, v${r});`)
        .join(' ')}`
    : `var v${r} = 0.0;`,
)}
${exchangeSums(S, 1)}
${G.map((g) => `let r${g} = o${g} + subgroupShuffle(v0, start + ${g}u);`).join(' ')}
{ ${cell.forward}
turn = ${dh}u - turn; if (quad == 0u) { states[turn + unit] = h; }
${join(single, ([name, values], k) => putMine(views[name], s.d, values, k))} }
workgroupBarrier();
}`,
  })
}

/** Backward: a thread holds 8 columns of R, its warp's units, at every 32nd row; the gradients of all rows pass through workgroup memory. */
export function exchangedBackward(cell: CellShader, s: RecurrentSizes, inputs: Operands, outputs: Operands): Dispatch {
  const bound = bind(inputs, outputs, false)
  const { views } = bound
  const { dh } = s
  const { back } = cell
  const [units, inner] = [range(8), range(dh / 8)]
  const ahead = [
    ['dy', 0, 'dy'] as const,
    ...Object.entries(back.reads).flatMap(([operand, names]) => names.map((name, block) => [operand, block, name] as const)),
  ]
  const get = (operand: string, row: string, block: number): string => views[operand].get(row, blockAt(s, block))
  const gradients = range(cell.gates).map((g) => `d${g}`)
  return kernel({
    label: `${cell.label}_grad`,
    bound,
    workgroup: 4 * dh,
    groups: [s.heads, s.batch, 1],
    subgroups: true,
    globals: `${pointwise(s, false).globals}\nvar<workgroup> grads: array<f32, ${8 * dh}>;`,
    body: `${places(s)} let lane = li % ${LANES}u; let unit0 = li / ${LANES}u * 8u;
${join(
  inner,
  (i) => `let gate${i} = (${i * LANES}u + lane) % 4u; let row${i} = (gate${i} * ${dh}u + (${i * LANES}u + lane) / 4u) * ${dh}u + unit0;
${join(units, (k) => `let w${i}_${k} = ${cell.gates < 4 ? `select(0.0, ${views.R.get('head', `min(row${i}, ${(cell.gates * dh - 1) * dh}u) + ${k}u`)}, gate${i} < ${cell.gates}u)` : views.R.get('head', `row${i} + ${k}u`)};`)}`,
)}
var v0 = 0.0; ${back.carry.map((v) => `var ${v} = 0.0;`).join(' ')} var turn = 0u;
${ahead.map(([operand, block, name]) => `var n_${name} = ${get(operand, `first + ${s.seqlen - 1}u`, block)};`).join(' ')}
var n_last = ${s.seqlen > 1 ? get(back.before, `first + ${s.seqlen - 2}u`, 0) : '0.0'};
for (var left = ${s.seqlen}u; left > 0u; left--) {
let t = left - 1u; let row = first + t; let before = first + max(t, 1u) - 1u;
let g = n_dy + v0; ${ahead.map(([, , name]) => (name === 'dy' ? '' : `let ${name} = n_${name};`)).join(' ')} let last = n_last;
${ahead.map(([operand, block, name]) => `n_${name} = ${get(operand, 'before', block)};`).join(' ')}
n_last = select(0.0, ${get(back.before, 'first + max(t, 2u) - 2u', 0)}, t > 1u);
{ ${back.code}
grads[turn + li] = ${gradients.length < 4 ? `select(0.0, ${mine(gradients)}, quad < ${gradients.length}u)` : mine(gradients)};
${join(Object.entries(back.writes), ([name, values]) => putMine(views[name], s.d, values, 0))} }
workgroupBarrier();
${inner.map((i) => `let d_${i} = grads[turn + ${i * LANES}u + lane];`).join(' ')}
${join(
  units,
  (k) =>
    `${k ? 'var ' : ''}v${k} = w0_${k} * d_0; ${inner
      .slice(1)
      .map((i) => `v${k} = fma(w${i}_${k}, d_${i}, v${k});`)
      .join(' ')}`,
)}
${exchangeSums(8, 4)}
v0 += subgroupShuffleXor(v0, 2u); v0 += subgroupShuffleXor(v0, 1u);
turn = ${4 * dh}u - turn;
}`,
  })
}
