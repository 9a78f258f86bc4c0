import type { Operand } from '../../graph/plan.ts'
import { bindOperands, ceilDiv, type Dispatch, kernel, reads, writes } from './wgsl.ts'

export interface Elementwise {
  readonly label: string
  readonly software: boolean
  /** Matrices of one shape, each read once at the thread's element. */
  readonly inputs: Record<string, Operand>
  /** (1, 1) matrices. */
  readonly scalars?: Record<string, Operand>
  readonly outputs: Record<string, Operand>
  /** WGSL statements over the inputs' and scalars' names; assigns each output's name (declared as T, which is f32 or vec4f). */
  readonly body: (T: string) => string
  readonly globals?: string
}

/** One thread per element, or per four where the columns allow it. `r` and `c` are the row and the first column. */
export function elementwise({ label, software, inputs, scalars = {}, outputs, body, globals = '' }: Elementwise): Dispatch {
  const { rows, cols } = Object.values(outputs)[0]
  const vec = cols % 4 === 0
  const [T, width] = vec ? ['vec4f', cols / 4] : ['f32', cols]
  const small = rows * cols <= 1 << 16
  const bound = bindOperands({
    ...Object.fromEntries(Object.entries(inputs).map(([k, o]) => [k, reads(o, vec)])),
    ...Object.fromEntries(Object.entries(scalars).map(([k, o]) => [k, reads(o)])),
    ...Object.fromEntries(Object.entries(outputs).map(([k, o]) => [`to_${k}`, writes(o, vec && !small)])),
  })
  const { views } = bound
  const type = (o: Operand): string => (o.dtype === 'i32' ? T.replace('f32', 'i32').replace('vec4f', 'vec4i') : T)
  const load = (k: string): string => (vec ? views[k].get4('r', 'i % W') : views[k].get('r', 'c'))
  const workgroup = software ? 64 : 256
  return kernel({
    label,
    bound,
    workgroup,
    groups: ceilDiv(rows * width, workgroup),
    small,
    globals: `const W = ${width}u;\n${globals}`,
    body: `let i = w * ${workgroup}u + li; if (i >= ${rows * width}u) { return; }
let r = i / W; let c = (i % W)${vec ? ' * 4u' : ''};
${Object.keys(inputs)
  .map((k) => `let ${k} = ${load(k)};`)
  .join(' ')}
${Object.keys(scalars)
  .map((k) => `let ${k} = ${views[k].get('0u', '0u')};`)
  .join(' ')}
${Object.entries(outputs)
  .map(([k, o]) => `var ${k}: ${type(o)};`)
  .join(' ')}
${body(T)}
${Object.keys(outputs)
  .map((k) => (vec ? views[`to_${k}`].put4('r', 'i % W', k) : views[`to_${k}`].put('r', 'c', k)))
  .join(' ')}`,
  })
}
