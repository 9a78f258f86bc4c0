import { create } from 'webgpu'
import { expect, test } from 'vitest'
import type { Operand } from '../../graph/plan.ts'
import { unitLayout, unitMatmul } from '../../ops/matmul/units.ts'
import { UNIT_TILES, unitName } from '../../ops/matmul/unitTiles.ts'
import { unitDispatch } from '../../bench/unitRate.ts'
import { withWebGpu } from '../../testing/withWebGpu.ts'
import { stripElements, toStrips } from '../../ops/matmul/strips.ts'
import { matrixUnitsProblem } from './matrixUnits.ts'

const operand = (buffer: number, rows: number, cols: number): Operand => ({ buffer, offset: 0, rows, cols, ld: cols, dtype: 'f32' })

/** No software driver has matrix units; Dawn's null device has the WGSL front end with the extension, and runs nothing. */
test('the matrix kernels are valid WGSL for every tile, transpose and epilogue', async () => {
  const gpu = create(['backend=null', 'enable-dawn-features=allow_unsafe_apis'])
  const adapter = await gpu.requestAdapter()
  const features = ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'] as GPUFeatureName[]
  const device = await adapter!.requestDevice({ requiredFeatures: features })
  const refused: string[] = []
  let shaders = 0
  for (const units of UNIT_TILES)
    for (const [M, N, K, splitK, transA, transB, more] of [
      [256, 256, 64, 1, false, true, {}],
      [70, 50, 66, 2, true, false, {}],
      [136, 72, 40, 1, true, true, {}],
      [33, 31, 17, 2, false, false, {}],
      [512, 512, 192, 1, false, true, { dtype: 'f16', lift: 3 }],
      [512, 512, 192, 1, true, false, { dtype: 'f16' }],
    ] as const) {
      const choice = { units, splitK, asTheyLie: true }
      const input = (buffer: number, rows: number, cols: number): Operand => ({
        ...operand(buffer, rows, cols),
        ...('dtype' in more ? more : {}),
      })
      const { total } = unitLayout({ M, N, K, transA, transB }, choice, [4, 1])
      const operands = {
        a: transA ? input(0, K, M) : input(0, M, K),
        b: transB ? input(1, N, K) : input(1, K, N),
        y: operand(2, M, N),
        bias: operand(4, 1, N),
        residual: operand(5, M, N),
        transA,
        transB,
      }
      for (const { code, label } of unitMatmul(operands, choice, [4, 1], operand(3, 1, total))) {
        device.pushErrorScope('validation')
        const { messages } = await device.createShaderModule({ code }).getCompilationInfo()
        await device.popErrorScope()
        const error = messages.find(({ type }) => type === 'error')
        if (error) refused.push(`${unitName(choice)} ${label}: ${error.message}`)
        shaders++
      }
    }
  device.pushErrorScope('validation')
  const { messages } = await device.createShaderModule({ code: unitDispatch(2, 2).code }).getCompilationInfo()
  await device.popErrorScope()
  refused.push(...messages.filter(({ type }) => type === 'error').map(({ message }) => `benchmark: ${message}`))
  device.destroy()
  expect(refused).toEqual([])
  expect(shaders).toBe(UNIT_TILES.length * (3 + 4 + 3 + 4 + 1 + 1))
  // referenced to the end: the process dies if it is collected
  expect(gpu).toBeDefined()
})

/** The number a float16 is. */
const fromHalf = (h: number): number => {
  const [sign, e, m] = [h & 0x8000 ? -1 : 1, (h >> 10) & 31, h & 1023]
  return sign * (e === 0 ? m * 2 ** -24 : (1 + m / 1024) * 2 ** (e - 15))
}

await withWebGpu((backend) => {
  test('an adapter without matrix units says so', async () => expect(await matrixUnitsProblem(backend)).toMatch(/offers no units/))

  test.each([
    ['along k', true, 37, 43],
    ['along k, whole vectors', true, 20, 44],
    ['along rows', false, 37, 43],
    ['along rows, whole vectors', false, 36, 44],
  ])('an input is raised, rounded to float16 and laid in strips, zero outside: %s', async (_, alongK, W, K) => {
    const halves = { strip: 32, width: 64, depth: 48, half: true, scale: 8 }
    const x = Float32Array.from({ length: W * K }, (_, i) => (((i * 37) % 101) - 50) / 64)
    x[5] = 1e5
    const input = operand(0, alongK ? W : K, alongK ? K : W)
    const buffers = [x.length, stripElements(halves)].map((n, i) => backend.createBuffer(n, 'f32', `halves ${i}`))
    buffers[0].write(x)
    buffers[1].write(new Float32Array(buffers[1].elements).fill(NaN))
    const program = await backend.compileDispatches([toStrips(input, alongK, halves, operand(1, 1, stripElements(halves)), 0)], buffers)
    program.run()
    const raw = (await buffers[1].read()) as Float32Array
    const words = new Uint16Array(raw.buffer)
    const expected = new Float64Array(words.length)
    for (let w = 0; w < W; w++)
      for (let k = 0; k < K; k++) {
        const value = 8 * (alongK ? x[w * K + k] : x[k * W + w])
        const at = (Math.floor(w / 32) * 48 + k) * 32 + (w % 32)
        expected[at] = Math.min(value, 65504)
      }
    expect(Float64Array.from(words, fromHalf)).toEqual(expected)
    buffers.forEach((b) => b.destroy())
  })
})
