// TF.js on its WASM backend, as a child process that is told what to run: the work of javascript.ts under the same names. See package.json beside it.
import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
import { serve } from './serve.mjs'

await tf.setBackend('wasm')
await tf.ready()
const rand = (...shape) => tf.keep(tf.randomUniform(shape, -1, 1))

/** The value and the gradients of a random projection of it, all freshly computed. */
const grads = (f, inputs) => {
  const project = rand(...tf.tidy(() => f(...inputs).shape))
  const g = tf.grads((...xs) => tf.sum(tf.mul(f(...xs), project)))
  return () => g(inputs)
}
const moments = (x) => {
  const centred = tf.sub(x, tf.mean(x, -1, true))
  return tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-5)))
}
const table = (rows, value) =>
  tf.keep(
    tf.tensor2d(
      Float32Array.from({ length: rows * 256 }, (_, i) => value(i % 256, Math.floor(i / 256))),
      [rows, 256],
    ),
  )
const causal = table(256, (key, query) => (key > query ? -1e9 : 0))
const target = table(2048, (id, row) => Number(id === row % 256))
const [a, b] = [rand(1024, 1024), rand(1024, 1024)]

serve(
  { version: `TF.js ${tf.version_core}, WASM`, threads: 1 },
  {
    matmul: () => [tf.matMul(a, b)],
    cross_entropy: grads((x) => tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(x)), -1))), [rand(2048, 256)]),
    layer_norm: grads((x, weight, bias) => tf.add(tf.mul(moments(x), weight), bias), [rand(2048, 128), rand(128), rand(128)]),
    gelu: grads((x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)), [rand(2048, 512)]),
    attention: grads(
      (q, k, v) => tf.matMul(tf.softmax(tf.add(tf.mul(tf.matMul(q, k, false, true), 32 ** -0.5), causal)), v),
      [rand(8, 4, 256, 32), rand(8, 4, 256, 32), rand(8, 4, 256, 32)],
    ),
  },
  async (outputs) => {
    await outputs.at(-1).data()
    tf.dispose(outputs)
  },
)
