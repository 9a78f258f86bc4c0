import { ops } from '../../ops/registry.ts'
import type { Operand, Plan } from '../../graph/plan.ts'
import type { DType, HostMatrix } from '../../tensor/tensor.ts'
import type { Backend, DeviceBuffer, Program, Room } from '../backend.ts'

class ReferenceBuffer implements DeviceBuffer {
  readonly elements: number
  readonly dtype: DType
  readonly data: Float64Array | Int32Array
  constructor(elements: number, dtype: DType) {
    this.elements = elements
    this.dtype = dtype
    this.data = dtype === 'f32' ? new Float64Array(elements) : new Int32Array(elements)
  }
  write(data: ArrayLike<number>, offset = 0): void {
    this.data.set(data, offset)
  }
  /** Rounded to float32, as the other backends give it. `data` holds the float64 values. */
  read(offset = 0, count = this.elements - offset): Promise<Float32Array | Int32Array> {
    const part = this.data.subarray(offset, offset + count)
    return Promise.resolve(this.dtype === 'f32' ? Float32Array.from(part) : Int32Array.from(part))
  }
  destroy(): void {}
}

/** Plain loops in float64: the definition of every op, the oracle of every test, and far too slow to train with. */
export class ReferenceBackend implements Backend {
  readonly name = 'reference'
  readonly description = 'reference, float64 loops'
  readonly sizes = { opaque: (): number => 0, scratch: (): number => 0 }
  readonly lost = new Promise<string>(() => {})

  submit(programs: readonly Program[]): void {
    programs.forEach((program) => program.run())
  }

  room(): Room {
    return { bytes: Infinity, buffer: Infinity }
  }

  createBuffer(elements: number, dtype: DType): ReferenceBuffer {
    return new ReferenceBuffer(elements, dtype)
  }

  async compile(plan: Plan, externals: Readonly<Record<string, DeviceBuffer>>): Promise<Program> {
    // Arena buffers may serve float and integer values in turn; the reference keeps one array of each.
    const arena = plan.buffers.map((b) =>
      b.kind === 'arena' ? { f32: new Float64Array(b.elements).fill(NaN), i32: new Int32Array(b.elements) } : null,
    )
    const matrix = (o: Operand): HostMatrix => {
      const buffer = plan.buffers[o.buffer]
      const data =
        buffer.kind === 'external' ? (externals[buffer.name] as ReferenceBuffer).data : arena[o.buffer]![o.dtype === 'i32' ? 'i32' : 'f32']
      return { data, offset: o.offset, rows: o.rows, cols: o.cols, ld: o.ld }
    }
    const steps = plan.commands.map((c) => ({
      reference: ops[c.op].reference,
      inputs: c.inputs.map(matrix),
      outputs: c.outputs.map(matrix),
      attrs: c.attrs,
    }))
    return {
      run: () => steps.forEach((s) => s.reference(s.inputs, s.outputs, s.attrs)),
      done: () => Promise.resolve(),
      profile: () =>
        Promise.resolve(
          steps.map((s) => {
            const began = performance.now()
            s.reference(s.inputs, s.outputs, s.attrs)
            return performance.now() - began
          }),
        ),
      destroy: () => {},
    }
  }

  destroy(): void {}
}
