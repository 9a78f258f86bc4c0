import { type CpuCommand, type CpuKernel, ceilDiv, contiguous, count, type PlacedMatrix } from './kernel.ts'
import { FLAT_UNIT, SUM_PARTS, SUM_ROWS } from './wasm/codes.ts'

/** attrs and units of a kernel that walks all elements: as one flat range where every operand is contiguous, else by runs of rows. */
export function walk(shape: PlacedMatrix, operands: readonly PlacedMatrix[]): { flat: number; rowsPerUnit: number; units: number } {
  if (operands.every(contiguous)) return { flat: 1, rowsPerUnit: 0, units: ceilDiv(count(shape), FLAT_UNIT) }
  const rowsPerUnit = Math.max(1, Math.floor(FLAT_UNIT / shape.cols))
  return { flat: 0, rowsPerUnit, units: ceilDiv(shape.rows, rowsPerUnit) }
}

/** An elementwise kernel of wasm/elementwise.simd.ts. `small` inputs (scalars) do not count for the walk. */
export const elementwise = (kernel: number, value: (attrs: Record<string, unknown>) => number = () => 0, full = Infinity): CpuKernel => ({
  encode({ attrs, inputs, outputs }) {
    const [y] = outputs
    const { flat, rowsPerUnit, units } = walk(y, [...inputs.slice(0, full), y])
    const order = [...inputs.slice(0, full), y]
    // Scalars of mse_grad are read as operands 4 and 5, after the output.
    return [
      {
        kernel,
        units,
        attrs: [flat, rowsPerUnit, value(attrs)],
        reads: inputs,
        writes: outputs,
        order: [...order, ...inputs.slice(full)],
        work: 2 * count(y),
      },
    ]
  },
})

export const runsOfRows = (rows: number): number => ceilDiv(rows, SUM_ROWS)

/** Adds `parts` runs of count(out) elements each into `out`, in order. */
export function sumParts(parts: PlacedMatrix, number: number, out: PlacedMatrix): CpuCommand {
  const n = count(out)
  const rowsPerUnit = out.rows === 1 ? 0 : Math.max(1, Math.floor(1024 / out.cols))
  const units = out.rows === 1 ? ceilDiv(out.cols, 256) : ceilDiv(out.rows, rowsPerUnit)
  return { kernel: SUM_PARTS, units, attrs: [number, n, rowsPerUnit], reads: [parts], writes: [out], work: number * n }
}

/** Kernels whose units are runs of SUM_ROWS rows of `shape`. */
export const byRows = (
  kernel: number,
  shape: PlacedMatrix,
  reads: readonly PlacedMatrix[],
  writes: readonly PlacedMatrix[],
  workPerElement: number,
  attrs: readonly number[] = [],
): CpuCommand => ({ kernel, units: runsOfRows(shape.rows), attrs, reads, writes, work: workPerElement * count(shape) })
