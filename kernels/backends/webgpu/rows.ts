import { ceilDiv, range, type Target } from './wgsl.ts'

/** How rows of a matrix are given to threads: `lanes` threads per row, each with every lanes-th unit (a vec4 or one element). */
export interface RowPlan {
  readonly vec: boolean
  /** Units in a row. */
  readonly units: number
  readonly lanes: number
  /** Units per thread, the last perhaps missing. */
  readonly perLane: number
  readonly workgroup: number
  /** Rows a workgroup works on at a time. */
  readonly rowsAtOnce: number
}

const powerOfTwoAtMost = (x: number): number => 2 ** Math.floor(Math.log2(Math.max(1, x)))

export function planRows(cols: number, target: Target): RowPlan {
  const vec = cols % 4 === 0
  const units = vec ? cols / 4 : cols
  const workgroup = target.software ? 32 : 256
  const wanted = powerOfTwoAtMost(units)
  // Up to 8 units fit in registers; more lanes than a subgroup only where that is not enough.
  const lanes = Math.min(wanted, units <= 8 * 32 ? 32 : workgroup, target.software ? 8 : workgroup)
  return { vec, units, lanes, perLane: ceilDiv(units, lanes), workgroup, rowsAtOnce: workgroup / lanes }
}

/** Workgroup memory that `reduceLanes` needs under the name given. */
export const reduceMemory = (name: string, { workgroup }: RowPlan): string => `var<workgroup> ${name}: array<f32, ${workgroup}>;`

/**
 * WGSL that replaces the f32 variable `value` in each of a row's lanes by the sum (or maximum) over them, always in the same order.
 * All threads of the workgroup must get there together.
 */
export function reduceLanes(value: string, memory: string, { lanes, workgroup }: RowPlan, target: Target, combine: 'sum' | 'max'): string {
  const both = (a: string, b: string): string => (combine === 'sum' ? `${a} + ${b}` : `max(${a}, ${b})`)
  const within = Math.min(lanes, target.subgroup)
  let code = ''
  for (let step = 1; step < within; step *= 2) code += `${value} = ${both(value, `subgroupShuffleXor(${value}, ${step}u)`)};\n`
  if (within === lanes) return code
  // One value per subgroup (or thread) through workgroup memory, then every lane adds the row's in order.
  const parts = lanes / within
  const terms = range(parts).map((k) => `${memory}[first + ${k}u]`)
  return `${code}if (li % ${within}u == 0u) { ${memory}[li / ${within}u] = ${value}; }
workgroupBarrier();
{ let first = li / ${lanes}u * ${parts}u; ${value} = ${terms.reduce((a, b) => both(a, b))}; }
${workgroup > 1 ? 'workgroupBarrier();' : ''}\n`
}
