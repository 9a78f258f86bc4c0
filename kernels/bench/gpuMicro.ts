import { bindOperands, ceilDiv, type Dispatch, kernel, writes } from '../backends/webgpu/wgsl.ts'
import type { WebGpuBackend } from '../backends/webgpu/webgpu.ts'
import type { WebGpuProgram } from '../backends/webgpu/program.ts'
import type { Operand } from '../graph/plan.ts'
import { UNIT_ELEMENTS, UNIT_FLOPS, UNIT_GROUPS, UNIT_LOOPS, unitDispatch } from './unitRate.ts'

/** What the adapter reaches in this run: the floors that every op is held against. */
export interface Rates {
  /** Bytes read and written per second. */
  readonly bytes: number
  readonly flops: number
  readonly exps: number
  /** FLOPs of the matrix units on float16; null where there are none. */
  readonly halfFlops: number | null
  /** Microseconds per dispatch of a long pass on the device, and of encoding one on the CPU. */
  readonly dispatch: number
  readonly encode: number
  readonly readback: number
}

const flat = (buffer: number, count: number): Operand => ({ buffer, offset: 0, rows: 1, cols: count, ld: count, dtype: 'f32' })

/** y = x over all elements, four per thread. */
export function copyDispatch(elements: number): Dispatch {
  const bound = bindOperands({ x: writes(flat(0, elements), true), y: writes(flat(1, elements), true) })
  return kernel({
    label: 'copy',
    bound,
    workgroup: 256,
    groups: ceilDiv(elements / 4, 256),
    body: `let i = w * 256u + li; ${bound.views.y.put4('0u', 'i', bound.views.x.get4('0u', 'i'))}`,
  })
}

/** `body` repeated on eight vec4s a thread, so that the units' throughput and not their latency counts. */
function arithmetic(elements: number, loops: number, statement: (v: string) => string): Dispatch {
  const bound = bindOperands({ x: writes(flat(0, elements), true) })
  const values = Array.from({ length: 8 }, (_, k) => `v${k}`)
  return kernel({
    label: 'arithmetic',
    bound,
    workgroup: 256,
    groups: elements / 4 / 256,
    body: `let i = w * 256u + li; let x = ${bound.views.x.get4('0u', 'i')};
${values.map((v, k) => `var ${v} = x + ${k}.5;`).join(' ')}
for (var k = 0u; k < ${loops}u; k++) { ${values.map(statement).join(' ')} }
${bound.views.x.put4('0u', 'i', values.join(' + '))}`,
  })
}

/** The best of five after warming up: a floor is what the card can do, not what it usually does. */
export async function best(program: WebGpuProgram, repeats: number): Promise<number> {
  await warm(program, repeats, 1000)
  let least = Infinity
  for (let k = 0; k < 5; k++) least = Math.min(least, await program.measure(repeats))
  return least / repeats
}

/** Raises the card's clocks: idle ones read two to six times too slow. */
export async function warm(program: WebGpuProgram, repeats: number, ms = 200): Promise<void> {
  const end = performance.now() + ms
  do await program.measure(repeats)
  while (performance.now() < end)
}

async function unitRate(backend: WebGpuBackend): Promise<number | null> {
  if (!backend.target.matrixUnits) return null
  const y = backend.createBuffer(UNIT_ELEMENTS, 'f32', 'units')
  const program = await backend.compileDispatches([unitDispatch(UNIT_GROUPS, UNIT_LOOPS)], [y])
  const ms = await best(program, 1)
  y.destroy()
  return UNIT_FLOPS / (ms / 1e3)
}

/** Threads of the arithmetic, and how often each repeats it. */
const busy = ({ target: { software } }: WebGpuBackend) => ({ threads: software ? 256 : 132 * 16 * 256, loops: software ? 4 : 512 })

/** Multiply-adds on all cores, little memory. */
export async function multiplyAdds(backend: WebGpuBackend): Promise<WebGpuProgram> {
  const { threads, loops } = busy(backend)
  const dispatch = arithmetic(threads * 4, loops, (v) => `${v} = fma(${v}, x, ${v});`)
  return backend.compileDispatches([dispatch], [backend.createBuffer(threads * 4, 'f32', 'multiply-adds')])
}

export async function measureRates(backend: WebGpuBackend, elements: number): Promise<Rates> {
  const { threads, loops } = busy(backend)
  const long = backend.target.software ? 50 : 2000
  const buffers = [0, 1].map((i) => backend.createBuffer(elements, 'f32', `micro ${i}`))
  const small = [0, 1].map((i) => backend.createBuffer(threads * 4, 'f32', `small ${i}`))
  const program = (d: Dispatch, of = buffers): Promise<WebGpuProgram> => backend.compileDispatches([d], of)
  const copy = await best(await program(copyDispatch(elements)), 10)
  const fma = await best(await multiplyAdds(backend), 2)
  const exp = await best(
    await program(
      arithmetic(threads * 4, loops, (v) => `${v} = exp2(${v});`),
      small,
    ),
    2,
  )
  const many = await backend.compileDispatches(
    Array.from({ length: long }, () => copyDispatch(1024)),
    buffers,
  )
  const dispatch = await best(many, 1)
  let encode = Infinity
  for (let k = 0; k < 5; k++) {
    const start = performance.now()
    many.run()
    encode = Math.min(encode, performance.now() - start)
    await many.done()
  }
  let readback = Infinity
  for (let k = 0; k < 20; k++) {
    const start = performance.now()
    await small[0].read(0, 1)
    readback = Math.min(readback, performance.now() - start)
  }
  ;[...buffers, ...small].forEach((b) => b.destroy())
  const operations = threads * 4 * 8 * loops
  return {
    bytes: (2 * 4 * elements) / (copy / 1e3),
    flops: (2 * operations) / (fma / 1e3),
    exps: operations / (exp / 1e3),
    halfFlops: await unitRate(backend),
    dispatch: (dispatch / long) * 1e3,
    encode: (encode / long) * 1e3,
    readback,
  }
}
