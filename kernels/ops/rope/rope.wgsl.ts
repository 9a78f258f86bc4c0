import { bindOperands, ceilDiv, kernel, range, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'
import { num } from '../op.ts'
import { frequencies } from './rope.ts'

/**
 * The angle in units of 2^−32 turns as a wrapping u32: position · frequency, the frequency in 40 fraction bits. So the angle is good to
 * 2^−41 turns per position however far the position, which no product in f32 is. Then Cephes' sine and cosine on ±π/4, because WGSL
 * promises only 2^−11 of its own.
 */
const TURN = (T: string, U: string, I: string): string => `fn turn(phase: ${U}, cosine: ptr<function, ${T}>, sine: ptr<function, ${T}>) {
let n = (phase + 0x20000000u) >> ${U}(30u);
let x = ${T}(bitcast<${I}>(phase - (n << ${U}(30u)))) * 1.46291808e-9; let z = x * x;
let s = x + x * z * ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1);
let q = 1.0 - 0.5 * z + z * z * ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2);
let odd = (n & ${U}(1u)) != ${U}(0u);
*sine = select(s, q, odd) * select(${T}(1.0), ${T}(-1.0), (n & ${U}(2u)) != ${U}(0u));
*cosine = select(q, s, odd) * select(${T}(1.0), ${T}(-1.0), ((n + 1u) & ${U}(2u)) != ${U}(0u)); }`

/** A thread turns one pair (or four), or passes on one column (or four) outside the turned ones. */
export const rope: WgslKernel = {
  dispatches({ inputs: [x, position], outputs: [y], attrs }, { software }) {
    const [heads, width, rotary] = [num(attrs, 'heads'), num(attrs, 'head_dim'), num(attrs, 'rotary_dim')]
    const half = rotary / 2
    const vec = half % 4 === 0 && width % 4 === 0 && x.cols % 4 === 0
    const [T, U, I, w] = vec ? ['vec4f', 'vec4u', 'vec4i', 4] : ['f32', 'u32', 'i32', 1]
    const fixed = frequencies(num(attrs, 'base'), rotary).map((f) => Math.round((f / (2 * Math.PI)) * 2 ** 40))
    const table = (word: (f: number) => number): string =>
      `array<${U}, ${half / w}>(${range(half / w)
        .map((i) => `${U}(${fixed.slice(i * w, i * w + w).map((f) => `${word(f)}u`)})`)
        .join(', ')})`
    const inPlace = x.buffer === y.buffer && x.offset === y.offset && x.ld === y.ld
    const perHead = (width - rotary) / w
    const pairs = (heads * half) / w
    const passed = inPlace ? 0 : x.cols / w - 2 * pairs
    const units = pairs + passed
    const bound = bindOperands({ x: reads(x, vec), ...(attrs.positions ? { position: reads(position) } : {}), y: writes(y, vec) } as Record<
      string,
      ReturnType<typeof reads>
    >)
    const { views } = bound
    const get = (c: string): string => (vec ? views.x.get4('r', c) : views.x.get('r', c))
    const put = (c: string, value: string): string => (vec ? views.y.put4('r', c, value) : views.y.put('r', c, value))
    const workgroup = software ? 64 : 256
    return [
      kernel({
        label: 'rope',
        bound,
        workgroup,
        groups: ceilDiv(x.rows * units, workgroup),
        globals: `const HIGH = ${table((f) => Math.floor(f / 256))};
const LOW = ${table((f) => f % 256)};
${TURN(T, U, I)}`,
        body: `let index = w * ${workgroup}u + li; if (index >= ${x.rows * units}u) { return; }
let r = index / ${units}u; let unit = index % ${units}u;
${
  passed
    ? `if (unit >= ${pairs}u) { let p = unit - ${pairs}u; let c = ${perHead ? `select(${(heads * rotary) / w}u + p, p / ${perHead}u * ${width / w}u + ${rotary / w}u + p % ${perHead}u, p < ${heads * perHead}u)` : `${(heads * width) / w}u + p`};
${put('c', get('c'))} return; }`
    : ''
}
let i = unit % ${half / w}u; let c = unit / ${half / w}u * ${width / w}u + i;
let t = ${attrs.positions ? `u32(${views.position.get('r', '0u')})` : `r % ${num(attrs, 'seqlen')}u`};
var cosine: ${T}; var sine: ${T}; turn(t * HIGH[i] + ((t * LOW[i]) >> ${U}(8u)), &cosine, &sine);
${attrs.inverse ? 'sine = -sine;' : ''}
let a = ${get('c')}; let b = ${get(`c + ${half / w}u`)};
${put('c', 'a * cosine - b * sine')} ${put(`c + ${half / w}u`, 'b * cosine + a * sine')}`,
      }),
    ]
  },
}
