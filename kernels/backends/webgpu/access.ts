import type { DType } from '../../tensor/tensor.ts'

/** Element types of a binding that holds float16. */
export const HALF = { one: 'f16', four: 'vec4<f16>' } as const
/** Largest finite float16. */
export const LARGEST_HALF = 65504

/** How a binding of one element type is read and written; places count in what the binding's array holds. */
export interface Access {
  /** Elements in one of them. */
  readonly per: 1 | 4
  /** A single element, by its number. */
  load(element: string): string
  store(element: string, value: string): string
  /** Four elements, from the place on. */
  load4(place: string): string
  store4(place: string, value: string): string
}

/**
 * WGSL to reach elements of type `dtype` in binding `i`, an array of `type`. Float16 is float32 as soon as it is read; `lift` is the power of two
 * by which it is multiplied in memory.
 */
export function accessTo(i: number, type: string, dtype: DType, lift: number): Access {
  const per = type === 'vec4f' || type === HALF.four ? 4 : 1
  const element = (k: string): string => (per === 4 ? `b${i}[(${k}) / 4u][(${k}) % 4u]` : `b${i}[${k}]`)
  if (dtype === 'f16') {
    const [up, down] = lift ? [2 ** lift, 2 ** -lift].map((x) => ` * ${x}${Number.isInteger(x) ? '.0' : ''}`) : ['', '']
    return {
      per,
      load: (k) => `(f32(${element(k)})${down})`,
      store: (k, value) => `${element(k)} = half_${i}((${value})${up});`,
      load4: (place) => (per === 4 ? `(vec4f(b${i}[${place}])${down})` : `(load4_${i}(${place})${down})`),
      store4: (place, value) => (per === 4 ? `b${i}[${place}] = half4_${i}((${value})${up});` : `store4_${i}(${place}, (${value})${up});`),
    }
  }
  return {
    per,
    load: (k) => (type === 'u32' ? `bitcast<${dtype}>(${element(k)})` : element(k)),
    store: (k, value) => `${element(k)} = ${type === 'u32' ? `bitcast<u32>(${value})` : value};`,
    load4: (place) => (per === 4 ? `b${i}[${place}]` : `load4_${i}(${place})`),
    store4: (place, value) => (per === 4 ? `b${i}[${place}] = ${value};` : `store4_${i}(${place}, ${value});`),
  }
}

/** Rounds to float16: values beyond it become its largest, NaN stays NaN. */
const rounding = (name: string, from: string, to: string): string =>
  `fn ${name}(v: ${from}) -> ${to} { return ${to}(select(v, sign(v) * ${LARGEST_HALF}.0, abs(v) > ${from}(${LARGEST_HALF}.0))); }`

/** Functions that go with the binding. */
export function accessCode(i: number, type: string, write: boolean): string[] {
  const half = type === HALF.one || type === HALF.four
  const four = (code: (j: number) => string, between: string): string => [0, 1, 2, 3].map(code).join(between)
  const at = (j: number): string => `b${i}[i + ${j}u]`
  return [
    ...(half && write ? [rounding(`half_${i}`, 'f32', HALF.one), rounding(`half4_${i}`, 'vec4f', HALF.four)] : []),
    ...(type === 'f32' || type === HALF.one
      ? [`fn load4_${i}(i: u32) -> vec4f { return vec4f(${four((j) => (half ? `f32(${at(j)})` : at(j)), ', ')}); }`]
      : []),
    ...((type === 'f32' || type === HALF.one) && write
      ? [`fn store4_${i}(i: u32, v: vec4f) { ${four((j) => `${at(j)} = ${half ? `half_${i}(v[${j}])` : `v[${j}]`};`, ' ')} }`]
      : []),
  ]
}
