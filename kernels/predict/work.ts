import type { Command } from '../graph/plan.ts'
import type { OpName } from '../ops/names.ts'
import { ops } from '../ops/registry.ts'

/** What a command asks of a device. */
export interface Work {
  readonly op: OpName
  /** Equal for commands that do the same on the same shapes. */
  readonly key: string
  readonly flops: number
  readonly exps: number
  /** That must be read and written at least once. */
  readonly bytes: number
}

/** Attributes that change what is computed and not how long it takes. */
const FREE = new Set(['seed', 'stream', 'eps', 'value', 'rate', 'beta1', 'beta2', 'decay_elements', 'slow_from'])

export function workOf({ op, attrs, inputs, outputs }: Command): Work {
  const { flops, exps = 0 } = ops[op].cost(inputs, attrs)
  const shapes = [...inputs, ...outputs].map(({ rows, cols, dtype }) => `${rows}x${cols}${dtype === 'f16' ? 'h' : ''}`)
  const settings = Object.entries(attrs)
    .filter(([name]) => !FREE.has(name))
    .map(([name, value]) => `${name}=${Number(value)}`)
    .sort()
  const bytes = [...inputs, ...outputs].reduce((sum, { rows, cols, dtype }) => sum + (dtype === 'f16' ? 2 : 4) * rows * cols, 0)
  return { op, key: [op, ...shapes, ...settings].join(' '), flops, exps, bytes }
}
