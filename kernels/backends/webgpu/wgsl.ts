import type { Command, Operand } from '../../graph/plan.ts'
import type { Attributes } from '../../ops/op.ts'
import type { TensorType } from '../../tensor/tensor.ts'
import { accessCode, accessTo, HALF } from './access.ts'
import type { Choices, Variants } from './choices.ts'

/** What a kernel may use on the adapter at hand. Everything that changes results is fixed per adapter, so runs repeat to the bit. */
export interface Target {
  /** Invocations that can exchange registers, where the adapter has one fixed power of two; 1 where it has none or varies. */
  readonly subgroup: number
  /** Bytes of workgroup memory a workgroup may have. */
  readonly workgroupBytes: number
  /** A CPU driver: small tiles and little unrolling, because compiling costs more than running there. */
  readonly software: boolean
  /** Invocations a workgroup may have. */
  readonly invocations: number
  /** Storage buffers a kernel may bind; at least 8. */
  readonly storageBuffers: number
  /** Units that multiply 16 × 16 matrices of float16 into float32. */
  readonly matrixUnits: boolean
  /** Matrix products round their inputs to float16 where that is faster. */
  readonly mixed: boolean
  /** Large activations lie in memory as float16. */
  readonly halves: boolean
  /** Which of their variants kernels take, where that was measured. */
  readonly choices: Choices
}

/** A range of one of the plan's buffers, bound to a shader. Counts in elements; count 0 is the whole buffer. */
export interface Binding {
  readonly buffer: number
  readonly first: number
  readonly count: number
  readonly write: boolean
}

/** Elements of one of the plan's buffers that a dispatch may read or write, from `first` up to `end`. */
export interface Touched {
  readonly buffer: number
  readonly first: number
  readonly end: number
  readonly write: boolean
}

export interface Dispatch {
  readonly label: string
  readonly code: string
  readonly bindings: readonly Binding[]
  readonly touched: readonly Touched[]
  /** The shader in pieces, where it may run in one dispatch with others (see together.ts). */
  readonly small?: SmallKernel
  readonly grid: readonly [x: number, y: number, z: number]
}

export interface SmallKernel {
  /** By binding, with the element types. */
  readonly declarations: readonly string[]
  readonly types: readonly string[]
  readonly globals: string
  readonly body: string
  readonly workgroup: number
  readonly subgroups: boolean
  /** Whether it has few elements and is put off until something needs it; otherwise it runs beside its like, if it leaves the card room. */
  readonly waits: boolean
}

/** What bindOperands decided. */
export interface Bound {
  readonly declarations: readonly string[]
  readonly types: readonly string[]
  readonly bindings: readonly Binding[]
  readonly touched: readonly Touched[]
}

/** One op in WGSL: the dispatches of a command, and how much scratch and saved state they want (in elements; see BufferSizes). */
export interface WgslKernel {
  dispatches(command: Command, target: Target): Dispatch[]
  scratch?(inputs: readonly TensorType[], attrs: Attributes, target: Target): number
  opaque?(inputs: readonly TensorType[], attrs: Attributes, target: Target, output: number): number
  /**
   * The variants among which measuring may choose; null where there is no choice. `dispatches`, `scratch` and `opaque` then ask
   * `target.choices.name(op, variants)` which one to be. `unread`: see Command.
   */
  variants?(inputs: readonly TensorType[], attrs: Attributes, target: Target, unread?: readonly number[]): Variants | null
}

interface Request {
  readonly operand: Operand
  readonly write: boolean
  readonly vec: boolean
  readonly part: boolean
}

/** Rows of `o` can be read as vec4. */
export const isAligned = (o: Operand): boolean => o.offset % 4 === 0 && (o.ld % 4 === 0 || o.rows === 1) && o.cols % 4 === 0

/** An operand the shader reads; `vec` asks for vec4 loads where the operand's alignment allows them. */
export const reads = (operand: Operand, vec = false): Request => ({ operand, write: false, vec: vec && isAligned(operand), part: false })
/** An operand the shader writes, and may read. */
export const writes = (operand: Operand, vec = false): Request => ({ operand, write: true, vec: vec && isAligned(operand), part: false })

/** A part of a flat buffer (scratch, saved state) as a binding of its own. `first` is a multiple of 64 (256 bytes, as WebGPU asks). */
export function part(whole: Operand, first: number, count: number, options: { vec?: boolean; write?: boolean } = {}): Request {
  const operand: Operand = { buffer: whole.buffer, offset: whole.offset + first, rows: 1, cols: count, ld: count, dtype: 'f32' }
  return { operand, write: options.write ?? false, vec: options.vec ?? false, part: true }
}

/** Lays out named regions of a flat buffer, each on a multiple of 64 elements. */
export function regions<K extends string>(sizes: Record<K, number>): { first: Record<K, number>; total: number } {
  let total = 0
  const first = {} as Record<K, number>
  for (const [name, size] of Object.entries(sizes) as [K, number][]) {
    first[name] = total
    total += Math.ceil(size / 64) * 64
  }
  return { first, total }
}

/** An operand as WGSL sees it. Rows, columns and indices are u32 expressions. */
export interface View {
  get(row: string, col: string): string
  put(row: string, col: string, value: string): string
  /** vec4 at columns 4·col4 … 4·col4 + 3; the operand's columns are a multiple of 4. */
  get4(row: string, col4: string): string
  put4(row: string, col4: string, value: string): string
  /** For loops that move along: the place of vec4 (row, col4), what one element is worth there, and the load. */
  place4(row: string, col4: string): string
  readonly elementsPerPlace: number
  load4(place: string): string
  /** Likewise for single elements; the next row is `ld` further. */
  place(row: string, col: string): string
  readonly ld: number
  load(place: string): string
  store(place: string, value: string): string
}

const times = (x: string, k: number): string => (k === 0 ? '0u' : k === 1 ? `(${x})` : `(${x}) * ${k}u`)
const plus = (...terms: string[]): string => terms.filter((t) => t !== '0u').join(' + ') || '0u'

/**
 * Decides how the operands of one shader are bound and gives the WGSL to reach each. Operands that share a buffer share a binding when
 * one of them is written (WebGPU allows no other way), and when they would be declared alike.
 */
export function bindOperands<K extends string>(requests: Record<K, Request>): Bound & { views: Record<K, View> } {
  interface Slot extends Binding {
    type: string
    members: Request[]
    write: boolean
  }
  const slots: Slot[] = []
  const slotOf = new Map<Request, Slot>()
  const all = Object.values(requests) as Request[]
  const written = new Set(all.filter((r) => r.write).map((r) => r.operand.buffer))
  for (const request of all) {
    const { buffer, offset, cols, dtype } = request.operand
    const [first, count] = request.part ? [offset, cols] : [0, 0]
    const type = dtype === 'i32' ? 'i32' : dtype === 'f16' ? HALF[request.vec ? 'four' : 'one'] : request.vec ? 'vec4f' : 'f32'
    const write = written.has(buffer)
    let slot = slots.find((s) => s.buffer === buffer && s.first === first && s.count === count && (write || s.type === type))
    if (!slot) slots.push((slot = { buffer, first, count, write, type, members: [] }))
    else if (slot.type !== type) slot.type = dtype === 'f16' ? HALF.one : [slot.type, type].includes('i32') ? 'u32' : 'f32'
    slot.members.push(request)
    slotOf.set(request, slot)
  }
  const declarations = slots.map((s, i) => {
    const mode = s.write ? 'read_write' : 'read'
    const lines = [`@group(0) @binding(${i}) var<storage, ${mode}> b${i}: array<${s.type}>;`, ...accessCode(i, s.type, s.write)]
    return lines.join('\n')
  })
  const view = (request: Request): View => {
    const slot = slotOf.get(request)!
    const { offset: start, ld, rows, dtype, lift = 0 } = request.operand
    const offset = request.part ? 0 : start
    const { per, load, store, load4, store4 } = accessTo(slots.indexOf(slot), slot.type, dtype, lift)
    const at = (r: string, c: string): string => plus(`${offset}u`, rows === 1 ? '0u' : times(r, ld), `(${c})`)
    const place4 = (r: string, c4: string): string =>
      plus(`${offset / per}u`, rows === 1 ? '0u' : times(r, ld / per), per === 4 ? `(${c4})` : times(c4, 4))
    return {
      get: (r, c) => load(at(r, c)),
      put: (r, c, value) => store(at(r, c), value),
      place: at,
      ld,
      load,
      store,
      get4: (r, c4) => load4(place4(r, c4)),
      place4,
      elementsPerPlace: per,
      load4,
      put4: (r, c4, value) => store4(place4(r, c4), value),
    }
  }
  const views = Object.fromEntries(Object.entries(requests).map(([name, r]) => [name, view(r as Request)])) as Record<K, View>
  return {
    declarations,
    types: slots.map((s) => s.type),
    // in elements of four bytes; where they take two, that and a little more
    touched: all.map(({ operand: { buffer, offset, rows, cols, ld, dtype }, write }) => ({
      buffer,
      first: dtype === 'f16' ? offset >> 1 : offset,
      end: offset + (rows - 1) * ld + cols,
      write,
    })),
    bindings: slots.map(({ buffer, first, count, write }) => ({ buffer, first, count, write })),
    views,
  }
}

/** Workgroups in one line, folded into two dimensions because one holds at most 65535. */
export function line(total: number): readonly [number, number, number] {
  const x = Math.min(Math.max(total, 1), 32768)
  return [x, Math.ceil(Math.max(total, 1) / x), 1]
}

export interface KernelSource {
  readonly label: string
  readonly bound: Bound
  readonly workgroup: number
  /** Workgroups in one line: the body sees `w`, its place. Or a grid: the body sees `wid`. */
  readonly groups: number | readonly [number, number, number]
  /** Declarations at module level. */
  readonly globals?: string
  readonly body: string
  readonly subgroups?: boolean
  /** Directives beside that of the subgroups. */
  readonly directives?: string
  /** May run later, in one dispatch with others of its workgroup size: sums of partial results, and what has few elements. */
  readonly small?: boolean
  /** May run in one dispatch with others that do not need it, where all of them leave the card room. */
  readonly beside?: boolean
}

/** Directives for what a shader uses. */
export const enables = (subgroups: boolean, types: readonly string[]): string =>
  `${subgroups ? 'enable subgroups;\n' : ''}${types.some((t) => t.includes('f16')) ? 'enable f16;\n' : ''}`

/** A whole shader. The body sees `li` (place in the workgroup) and `w` or `wid`. */
export function kernel({
  label,
  bound,
  workgroup,
  groups,
  globals = '',
  body,
  subgroups = false,
  directives = '',
  small = false,
  beside = false,
}: KernelSource): Dispatch {
  const grid = typeof groups === 'number' ? line(groups) : groups
  const place = typeof groups === 'number' ? `let w = wid.x + wid.y * ${grid[0]}u; if (w >= ${Math.max(groups, 1)}u) { return; }` : ''
  return {
    label,
    bindings: bound.bindings,
    touched: bound.touched,
    grid,
    ...((small || beside) && !directives
      ? {
          small: {
            declarations: bound.declarations,
            types: bound.types,
            globals,
            body: `${place}\n${body}`,
            workgroup,
            subgroups,
            waits: small,
          },
        }
      : {}),
    code: `${enables(subgroups, bound.types)}${directives}${bound.declarations.join('\n')}
${globals}
@compute @workgroup_size(${workgroup}) fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) li: u32) {
${place}
${body}
}
`,
  }
}

/** f32 as a WGSL literal. */
export const literal = (x: number): string => {
  const text = Math.fround(x).toString()
  return /[.e]/.test(text) ? text : `${text}.0`
}

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
export const ceilDiv = (a: number, b: number): number => Math.ceil(a / b)
