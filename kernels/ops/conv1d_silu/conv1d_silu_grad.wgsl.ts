import { bindOperands, ceilDiv, kernel, part, range, reads, type Target, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import type { Attributes } from '../op.ts'
import { num } from '../op.ts'

/**
 * Channels (or groups of four) × time tiles of a workgroup, and time steps a thread walks: more steps read less twice, where enough
 * workgroups are left to fill a card.
 */
function shape(cols: number, attrs: Attributes, target: Target): { channels: number; tiles: number; steps: number } {
  if (target.software) return { channels: 8, tiles: 4, steps: 4 }
  const [channels, tiles] = [32, 4]
  const threads = (num(attrs, 'batch') * num(attrs, 'seqlen') * cols) / (cols % 4 ? 1 : 4)
  return { channels, tiles, steps: threads / (32 * channels * tiles) >= 512 ? 32 : 16 }
}

const partialsFor = (cols: number, attrs: Attributes, target: Target): number => {
  const { tiles, steps } = shape(cols, attrs, target)
  return num(attrs, 'batch') * ceilDiv(num(attrs, 'seqlen'), tiles * steps)
}

/**
 * A thread walks `steps` steps plus the d_conv − 1 after them, whose dp reach back into its own dx; dp is recomputed there, not shared.
 * dweight and dbias are summed over a thread's steps, then its workgroup's time tiles; a second dispatch adds the workgroups' sums.
 */
export const conv1d_silu_grad: WgslKernel = {
  scratch: ([, x, weight], attrs, target) => partialsFor(x.cols, attrs, target) * x.cols * (weight.cols + 1),
  dispatches({ inputs: [dy, x, weight, bias], outputs: [dx, dweight, dbias], attrs, scratch }, target) {
    const [batch, seqlen, K] = [num(attrs, 'batch'), num(attrs, 'seqlen'), weight.cols]
    const { channels, tiles, steps } = shape(x.cols, attrs, target)
    const vec = x.cols % 4 === 0
    const [T, width] = vec ? ['vec4f', x.cols / 4] : ['f32', x.cols]
    const partials = partialsFor(x.cols, attrs, target)
    const past = K - 1
    const bound = bindOperands({
      dy: reads(dy, vec),
      x: reads(x, vec),
      weight: reads(weight),
      bias: reads(bias, vec),
      dx: writes(dx, vec),
      sums: part(scratch!, 0, partials * x.cols * (K + 1), { vec, write: true }),
    })
    const { views } = bound
    const load = (k: 'x' | 'dy', r: string): string => (vec ? views[k].get4(r, 'c') : views[k].get(r, 'c'))
    const tap = (k: number): string =>
      vec
        ? `vec4f(${range(4)
            .map((j) => views.weight.get(`c * 4u + ${j}u`, `${k}u`))
            .join(', ')})`
        : views.weight.get('c', `${k}u`)
    // x0 … are x at t0 − past …; g0 … are dp at t0 …
    const step = (
      s: number,
    ): string => `var g${s} = ${T}(); { let t = t0 + ${s}u; if (t < ${seqlen}u) { x${past + s} = ${load('x', 'base + t')};
let p = bias + ${range(K)
      .map((k) => `k${k} * x${s + k}`)
      .join(' + ')}; let sg = 1.0 / (1.0 + exp(-p)); g${s} = ${load('dy', 'base + t')} * sg * (1.0 + p * (1.0 - sg)); } }
${
  s < steps
    ? `db += g${s}; ${range(K)
        .map((k) => `d${k} += g${s} * x${s + k};`)
        .join(' ')}`
    : ''
}
${
  s >= past
    ? `if (t0 + ${s - past}u < ${seqlen}u && live) { ${put(
        'dx',
        `base + t0 + ${s - past}u`,
        range(K)
          .map((k) => `k${k} * g${s - k}`)
          .join(' + '),
      )} }`
    : ''
}`
    const put = (k: 'dx', r: string, value: string): string => (vec ? views[k].put4(r, 'c', value) : views[k].put(r, 'c', value))
    const tilesPerSequence = ceilDiv(seqlen, tiles * steps)
    const sums = ['db', ...range(K).map((k) => `d${k}`)]
    const walk = kernel({
      label: 'conv1d_silu_grad',
      bound,
      workgroup: channels * tiles,
      groups: [ceilDiv(width, channels), tilesPerSequence, batch],
      globals: `var<workgroup> tile: array<${T}, ${channels * tiles}>;`,
      // dx_s takes weight k from dp at s + past − k, which is g(s + past − k): written once step s + past is known.
      body: `let channel = wid.x * ${channels}u + li % ${channels}u; let live = channel < ${width}u; let c = min(channel, ${width - 1}u);
let t0 = (wid.y * ${tiles}u + li / ${channels}u) * ${steps}u; let base = wid.z * ${seqlen}u;
${range(K)
  .map((k) => `let k${k} = ${tap(k)}; var d${k} = ${T}();`)
  .join(' ')} let bias = ${vec ? views.bias.get4('0u', 'c') : views.bias.get('0u', 'c')}; var db = ${T}();
${range(past + steps + past)
  .map((k) => `var x${k} = ${T}();`)
  .join(' ')}
${range(past)
  .map((k) => `if (t0 + ${k}u >= ${past}u && t0 + ${k}u - ${past}u < ${seqlen}u) { x${k} = ${load('x', `base + t0 + ${k}u - ${past}u`)}; }`)
  .join(' ')}
${range(steps + past)
  .map(step)
  .join('\n')}
let slot = (wid.z * ${tilesPerSequence}u + wid.y) * ${(K + 1) * width}u;
${sums
  .map(
    (name, j) => `tile[li] = ${name}; workgroupBarrier();
if (li < ${channels}u && live) { let total = ${range(tiles)
      .map((q) => `tile[li + ${q * channels}u]`)
      .join(
        ' + ',
      )}; ${vec ? views.sums.put4('0u', `slot + ${j * width}u + c`, 'total') : views.sums.put('0u', `slot + ${j * width}u + c`, 'total')} }
workgroupBarrier();`,
  )
  .join('\n')}`,
    })
    return [walk, reduce()]

    function reduce() {
      const lanes = target.software ? 4 : 8
      const columns = target.software ? 8 : 32
      const count = x.cols * (K + 1)
      const ends = bindOperands({ sums: part(scratch!, 0, partials * count), dweight: writes(dweight), dbias: writes(dbias) })
      return kernel({
        label: 'conv1d_silu_grad.sums',
        bound: ends,
        workgroup: columns * lanes,
        groups: ceilDiv(count, columns),
        small: true,
        globals: `var<workgroup> tile: array<f32, ${columns * lanes}>;`,
        body: `let i = w * ${columns}u + li % ${columns}u; let j = min(i, ${count - 1}u); var sum = 0.0;
for (var s = li / ${columns}u; s < ${partials}u; s += ${lanes}u) { sum += ${ends.views.sums.get('0u', `s * ${count}u + j`)}; }
tile[li] = sum; workgroupBarrier();
if (li < ${columns}u && i < ${count}u) { for (var k = 1u; k < ${lanes}u; k++) { sum += tile[li + k * ${columns}u]; }
let c = i % ${x.cols}u; let k = i / ${x.cols}u;
if (k == 0u) { ${ends.views.dbias.put('0u', 'c', 'sum')} } else { ${ends.views.dweight.put('c', 'k - 1u', 'sum')} } }`,
      })
    }
  },
}
