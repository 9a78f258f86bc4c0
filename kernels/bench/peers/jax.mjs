// jax-js on its WASM backend, compiled by its jit: the work of javascript.ts under the same names.
import { defaultDevice, init, jit, nn, numpy as np, random, scipySpecial, valueAndGrad } from '@jax-js/jax'
import { readFileSync } from 'node:fs'
import { serve } from './serve.mjs'

await init()
defaultDevice('wasm')
const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
const rand = (...shape) => random.uniform(random.key(1), shape, { minval: -1, maxval: 1 })

/** The value and the gradients of a random projection of it. Arrays are owned: what is used again goes in as a reference. */
const grads = (f, shapes) => {
  const inputs = shapes.map((shape) => rand(...shape))
  const run = jit(valueAndGrad(f, { argnums: inputs.map((_, i) => i) }))
  return () => {
    const [value, gradients] = run(...inputs.map((x) => x.ref))
    return [value, ...gradients]
  }
}
const project = (y) => np.sum(y.mul(Math.SQRT1_2))
const norm = (x, weight, bias) => nn.standardize(x, -1, { epsilon: 1e-5 }).mul(weight).add(bias)
const ids = np.array(
  Array.from({ length: 2048 }, (_, i) => i % 256),
  { dtype: np.int32 },
)
const [a, b] = [rand(1024, 1024), rand(1024, 1024)]
const multiply = jit((x, y) => np.matmul(x, y))

await serve(
  { version: `jax-js ${dependencies['@jax-js/jax']}, WASM`, threads: 1 },
  {
    matmul: () => [multiply(a.ref, b.ref)],
    cross_entropy: grads((x) => np.mean(np.sum(nn.logSoftmax(x).mul(nn.oneHot(ids.ref, 256)), -1)).mul(-1), [[2048, 256]]),
    layer_norm: grads((x, weight, bias) => project(norm(x, weight, bias)), [[2048, 128], [128], [128]]),
    gelu: grads((x) => project(x.ref.mul(0.5).mul(scipySpecial.erf(x.mul(Math.SQRT1_2)).add(1))), [[2048, 512]]),
    attention: grads(
      (q, k, v) => project(nn.dotProductAttention(q, k, v, { isCausal: true })),
      [
        [8, 256, 4, 32],
        [8, 256, 4, 32],
        [8, 256, 4, 32],
      ],
    ),
  },
  async (outputs) => {
    for (const output of outputs) await output.blockUntilReady()
    outputs.forEach((output) => output.dispose())
  },
)
