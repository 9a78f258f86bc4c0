import type { Attributes } from '../../ops/op.ts'
import type { TensorType } from '../../tensor/tensor.ts'

/** An operand with its place in the shared memory: byte address; ld in elements. */
export interface PlacedMatrix {
  readonly address: number
  readonly rows: number
  readonly cols: number
  readonly ld: number
}

/** One entry of the command list that the WASM kernels walk: `units` independent pieces of work for whichever thread takes them. */
export interface CpuCommand {
  /** A number from wasm/codes.ts. */
  readonly kernel: number
  readonly units: number
  /** At most 11; integers, or floats wrapped by `float`. */
  readonly attrs?: readonly number[]
  readonly reads: readonly PlacedMatrix[]
  /** Encoded after `reads` unless `order` says otherwise. */
  readonly writes: readonly PlacedMatrix[]
  /** The kernel's operand order, where it is not reads then writes. */
  readonly order?: readonly PlacedMatrix[]
  /** Bytes of private memory each thread needs. */
  readonly local?: number
  /** Rough count of arithmetic operations, to tell what is worth waking threads for. */
  readonly work: number
}

/** One command of a plan with its operands placed. */
export interface PlacedCommand {
  readonly attrs: Attributes
  readonly inputs: readonly PlacedMatrix[]
  readonly outputs: readonly PlacedMatrix[]
  readonly scratch: PlacedMatrix | null
}

/** How the CPU backend runs one op. Lies in `ops/<op>/<op>.cpu.ts` beside the WASM kernel `<op>.simd.ts`. */
export interface CpuKernel {
  /** Elements of an opaque output. */
  opaque?(inputs: readonly TensorType[], attrs: Attributes): number
  /** Elements of working space. Depends on shapes only, never on the number of threads: so do the results. */
  scratch?(inputs: readonly TensorType[], attrs: Attributes): number
  encode(command: PlacedCommand): CpuCommand[]
}

const bits = new DataView(new ArrayBuffer(4))
/** The word that holds x as a float32. */
export const float = (x: number): number => {
  bits.setFloat32(0, x)
  return bits.getInt32(0)
}
export const ceilDiv = (a: number, b: number): number => Math.ceil(a / b)
export const count = (m: PlacedMatrix): number => m.rows * m.cols
export const contiguous = (m: PlacedMatrix): boolean => m.ld === m.cols || m.rows === 1

/** `elements` of `scratch` from `offset` on, as one row. */
export const part = (scratch: PlacedMatrix | null, offset: number, elements: number): PlacedMatrix => ({
  address: scratch!.address + 4 * offset,
  rows: 1,
  cols: elements,
  ld: elements,
})
