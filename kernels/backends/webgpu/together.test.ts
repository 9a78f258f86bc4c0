import { describe, expect, test } from 'vitest'
import type { Operand } from '../../graph/plan.ts'
import { mergeSmall } from './together.ts'
import { bindOperands, type Dispatch, kernel, reads, writes } from './wgsl.ts'

const row = (buffer: number, offset = 0): Operand => ({ buffer, offset, rows: 1, cols: 64, ld: 64, dtype: 'f32' })

/** y = x + 1, small or not. */
function plusOne(label: string, x: Operand, y: Operand, small = true): Dispatch {
  const bound = bindOperands({ x: reads(x), y: writes(y) })
  return kernel({
    label,
    bound,
    workgroup: 64,
    groups: 1,
    small,
    globals: 'const ONE = 1.0;',
    body: bound.views.y.put('0u', 'li', `${bound.views.x.get('0u', 'li')} + ONE`),
  })
}
const labels = (dispatches: readonly Dispatch[], most = 8): string[] => mergeSmall(dispatches, most).map((m) => m.dispatch.label)

describe('small dispatches run together', () => {
  test('those that wait run as one when one of their results is read', () =>
    expect(
      labels([
        plusOne('a', row(0), row(1)),
        plusOne('big', row(2), row(3), false),
        plusOne('b', row(0), row(4)),
        plusOne('c', row(4), row(5), false),
      ]),
    ).toEqual(['big', 'a + b', 'c']))
  test('one that reads what another writes waits for it', () =>
    expect(labels([plusOne('a', row(0), row(1)), plusOne('b', row(1), row(2))])).toEqual(['a', 'b']))
  test('what they read is not written before they run', () =>
    expect(labels([plusOne('a', row(0), row(1)), plusOne('big', row(2), row(0), false)])).toEqual(['a', 'big']))
  test('parts of one buffer are told apart', () =>
    expect(labels([plusOne('a', row(0), row(1)), plusOne('b', row(2), row(1, 64)), plusOne('big', row(3), row(1, 128), false)])).toEqual([
      'big',
      'a + b',
    ]))
  test('no more buffers than the adapter binds', () =>
    expect(labels([plusOne('a', row(0), row(1)), plusOne('b', row(2), row(3)), plusOne('c', row(4), row(5))], 4)).toEqual(['a + b', 'c']))
  test('a buffer that is written is bound once: views of two types stay apart', () => {
    const other = bindOperands({ x: reads(row(2), true), y: writes(row(1, 64), true) })
    const wide = kernel({
      label: 'wide',
      bound: other,
      workgroup: 64,
      groups: 1,
      small: true,
      body: other.views.y.put4('0u', 'li', other.views.x.get4('0u', 'li')),
    })
    expect(labels([plusOne('a', row(0), row(1)), wide])).toEqual(['a', 'wide'])
  })
  test('names of the parts do not meet', () => {
    const [
      {
        dispatch: { code, bindings },
        members,
      },
    ] = mergeSmall([plusOne('a', row(0), row(1)), plusOne('b', row(0), row(2))], 8)
    expect(members).toEqual([
      { place: 0, share: 0.5 },
      { place: 1, share: 0.5 },
    ])
    expect(bindings.map((b) => b.buffer)).toEqual([0, 1, 2])
    expect(code).toContain('const part0_ONE')
    expect(code).toContain('b2[(li)] = b0[(li)] + part1_ONE;')
  })
})

describe('products that leave the card room run beside each other', () => {
  const product = (label: string, x: Operand, y: Operand, groups = 1): Dispatch => {
    const bound = bindOperands({ x: reads(x), y: writes(y) })
    return kernel({
      label,
      bound,
      workgroup: 64,
      groups,
      beside: true,
      globals: `var<workgroup> tile: array<f32, ${label.length * 64}>;`,
      body: `tile[li] = ${bound.views.x.get('0u', 'li')}; ${bound.views.y.put('0u', 'li', 'tile[li]')}`,
    })
  }
  test('the two gradients of a projection, whatever comes between; their sums follow', () =>
    expect(
      labels([
        product('dx', row(0), row(1)),
        plusOne('other', row(2), row(3), false),
        product('dw', row(0), row(4)),
        plusOne('sum', row(4), row(5)),
        plusOne('reads', row(5), row(6), false),
      ]),
    ).toEqual(['other', 'dx + dw', 'sum', 'reads']))
  test('not one that needs the other, nor one that fills the card', () =>
    expect(labels([product('a', row(0), row(1)), product('b', row(1), row(2)), product('large', row(0), row(3), 1000)])).toEqual([
      'a',
      'large',
      'b',
    ]))
  test('they share their workgroup memory', () => {
    const [{ dispatch, members }] = mergeSmall([product('a', row(0), row(1), 3), product('bb', row(0), row(2), 1)], 8)
    expect(dispatch.code.match(/var<workgroup>.*/g)).toEqual(['var<workgroup> shared_array0: array<f32, 128>;'])
    expect(members.map((m) => m.share)).toEqual([0.75, 0.25])
  })
})
