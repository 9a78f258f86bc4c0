import { bindOperands, kernel, range, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import { recurrentSizes } from './cell.ts'
import { type CellShader, gruCell, lstmCell, slstmCell } from './cells.wgsl.ts'
import { canExchange, exchangedBackward, exchangedForward } from './exchanged.wgsl.ts'
import { HELD_HEAD, heldForward, join, pointwise } from './held.wgsl.ts'
import { heldBackward } from './heldBackward.wgsl.ts'
import { backwardPlan, forwardPlan, wideBackward, wideForward } from './wide.wgsl.ts'
import { stepwise } from './stepwise.ts'
import { forwardScratch, stepwiseForward } from './stepwise.wgsl.ts'
import { backwardScratch, stepwiseBackward } from './stepwiseBackward.wgsl.ts'
import { streamedBackward, streamedForward, transposeR } from './streamed.wgsl.ts'

const named = (names: readonly string[], operands: readonly Operand[]): Record<string, Operand> =>
  Object.fromEntries(names.map((name, i) => [name, operands[i]]))

/** A workgroup walks one head of a few sequences over all time steps in one dispatch: WebGPU has no barrier across workgroups. */
const forward = (cell: CellShader, outputNames: readonly string[]): WgslKernel => ({
  scratch([Wx, R], attrs, target) {
    const s = recurrentSizes(Wx, R, attrs, cell.gates)
    return stepwise(s, target) ? forwardScratch(cell, s) : s.dh > HELD_HEAD ? R.rows * R.cols : 0
  },
  dispatches({ inputs, outputs, attrs, scratch }, target) {
    const s = recurrentSizes(inputs[0], inputs[1], attrs, cell.gates)
    const [from, to] = [named(['Wx', 'R', 'bias'], inputs), named(outputNames, outputs)]
    if (canExchange(s, target)) return [exchangedForward(cell, s, from, to)]
    if (s.dh <= HELD_HEAD) return [heldForward(cell, s, from, to, target)]
    if (stepwise(s, target)) return stepwiseForward(cell, s, from, to, scratch!)
    const wide = forwardPlan(s, target)
    return [
      transposeR(inputs[1], s, scratch!, target),
      wide ? wideForward(cell, s, wide, from, to, scratch!) : streamedForward(cell, s, from, to, scratch!, target),
    ]
  },
})

const backward = (cell: CellShader, inputNames: readonly string[], outputNames: readonly string[]): WgslKernel => ({
  scratch(inputs, attrs, target) {
    const [dy, R] = [inputs[0], inputs[inputNames.indexOf('R')]]
    const s = recurrentSizes({ rows: dy.rows, cols: dy.cols * cell.gates }, R, attrs, cell.gates)
    return stepwise(s, target) ? backwardScratch(cell, s) : 0
  },
  dispatches({ inputs, outputs, attrs, scratch }, target) {
    const [from, to] = [named(inputNames, inputs), named(outputNames, outputs)]
    const s = recurrentSizes(to.dWx, from.R, attrs, cell.gates)
    if (canExchange(s, target)) return [exchangedBackward(cell, s, from, to)]
    if (s.dh <= HELD_HEAD) return [heldBackward(cell, s, from, to, target)]
    if (stepwise(s, target)) return stepwiseBackward(cell, s, from, to, scratch!, target)
    const wide = backwardPlan(s, target)
    return [wide ? wideBackward(cell, s, wide, from, to) : streamedBackward(cell, s, from, to, target)]
  },
})

/** One step: a workgroup is one head of one sequence, a thread makes every workgroup-th unit. */
const step = (cell: CellShader): WgslKernel => ({
  dispatches({ inputs: [Wx, R, bias, state], outputs: [y] }, target) {
    const s = recurrentSizes(Wx, R, { batch: Wx.rows, seqlen: 1 }, cell.gates)
    const p = pointwise(s, false)
    const workgroup = Math.min(target.software ? 32 : 128, 32 * Math.ceil(s.dh / 32))
    const bound = bindOperands({ Wx: reads(Wx), R: reads(R), bias: reads(bias), state: writes(state), y: writes(y) })
    const { views } = bound
    const G = range(cell.gates)
    const body = `let head = wid.x; let row = wid.y;
for (var u = li; u < ${s.dh}u; u += ${workgroup}u) { before[u] = ${views.state.get('row', `head * ${s.dh}u + u`)}; }
workgroupBarrier();
for (var u = li; u < ${s.dh}u; u += ${workgroup}u) { let column = head * ${s.dh}u + u;
${join(G, (g) => `let x${g} = ${p.get(views, 'Wx', 'row', g)}; var r${g} = ${p.get(views, 'bias', '0u', g)};`)}
for (var k = 0u; k < ${s.dh}u; k++) { let hk = before[k]; ${join(G, (g) => `r${g} = fma(${views.R.get('head', `(${g * s.dh}u + u) * ${s.dh}u + k`)}, hk, r${g});`)} }
var h = before[u]; ${join(cell.state, (v, i) => `var ${v} = ${p.get(views, 'state', 'row', i + 1)};`)}
{ ${cell.forward} }
${p.put(views, 'y', 'row', 0, 'h')} ${join(['h', ...cell.state], (v, i) => p.put(views, 'state', 'row', i, v))} }`
    const globals = `${p.globals}\nvar<workgroup> before: array<f32, ${s.dh}>;`
    return [kernel({ label: `${cell.label}_step`, bound, workgroup, groups: [s.heads, s.batch, 1], globals, body })]
  },
})

export const slstm = forward(slstmCell, ['y', 'gates', 'keep', 'cell'])
export const slstm_grad = backward(slstmCell, ['dy', 'gates', 'keep', 'cell', 'R'], ['dWx'])
export const slstm_step = step(slstmCell)
export const lstm = forward(lstmCell, ['y', 'gates', 'cell'])
export const lstm_grad = backward(lstmCell, ['dy', 'gates', 'cell', 'R'], ['dWx'])
export const lstm_step = step(lstmCell)
export const gru = forward(gruCell, ['y', 'gates'])
export const gru_grad = backward(gruCell, ['dy', 'y', 'gates', 'R'], ['dWx', 'dq'])
export const gru_step = step(gruCell)
