import { bindOperands, ceilDiv, type Dispatch, kernel, range, type Target, type View } from '../../backends/webgpu/wgsl.ts'
import { MODE_FUNCTIONS } from '../diagonal_scan/diagonalPlan.ts'

type Request = Parameters<typeof bindOperands>[0][string]

/** Where a pass reads or writes complex numbers: operands to bind, and WGSL over them at element i, channel s. */
export interface Place {
  readonly operands: Readonly<Record<string, Request>>
  load?(views: Record<string, View>, i: string): string
  store?(views: Record<string, View>, i: string, value: string): string
}

/** A flat region (n, channels) of complex numbers. */
export const complexRegion = (name: string, request: Request, channels: number): Place & Required<Pick<Place, 'load' | 'store'>> => {
  const at = (i: string): string => `((${i}) * ${channels}u + s) * 2u`
  return {
    operands: { [name]: request },
    load: (v, i) => `vec2f(${v[name].get('0u', at(i))}, ${v[name].get('0u', `${at(i)} + 1u`)})`,
    store: (v, i, value) => `${v[name].put('0u', at(i), `(${value}).x`)} ${v[name].put('0u', `${at(i)} + 1u`, `(${value}).y`)}`,
  }
}

const radices = (n: number, target: Target): number[] => {
  const all: number[] = []
  for (let left = n; left > 1; left /= all[all.length - 1]) all.push(left % 8 === 0 && !target.software ? 8 : left % 4 === 0 ? 4 : 2)
  return all
}

/** WGSL of a small transform written out: statements, and the names of the results in order. */
function small(names: readonly string[], inverse: boolean, lines: string[], fresh: () => string): string[] {
  const n = names.length
  if (n === 1) return [...names]
  const even = small(
    names.filter((_, i) => i % 2 === 0),
    inverse,
    lines,
    fresh,
  )
  const odd = small(
    names.filter((_, i) => i % 2 === 1),
    inverse,
    lines,
    fresh,
  )
  const out = new Array<string>(n)
  for (let k = 0; k < n / 2; k++) {
    const angle = ((inverse ? 2 : -2) * Math.PI * k) / n
    let turned = odd[k]
    if (4 * k === n) turned = inverse ? `vec2f(-${odd[k]}.y, ${odd[k]}.x)` : `vec2f(${odd[k]}.y, -${odd[k]}.x)`
    else if (k) turned = `product(${odd[k]}, vec2f(${Math.cos(angle)}, ${Math.sin(angle)}))`
    const [t, a, b] = [fresh(), fresh(), fresh()]
    lines.push(`let ${t} = ${turned}; let ${a} = ${even[k]} + ${t}; let ${b} = ${even[k]} - ${t};`)
    out[k] = a
    out[k + n / 2] = b
  }
  return out
}

/**
 * The transform of n complex numbers for each of `channels` by Stockham's passes (Van Loan 1992, §1.7): natural order in and out, each pass
 * one butterfly a thread, neighbours in neighbouring channels. `between` are two regions for what lies between passes. The inverse is
 * not divided by n.
 */
export function transform(
  label: string,
  { n, channels, inverse = false }: { n: number; channels: number; inverse?: boolean },
  first: Place,
  last: Place,
  between: readonly [Place, Place],
  target: Target,
): Dispatch[] {
  const workgroup = target.software ? 32 : 128
  const plan = radices(n, target)
  let done = 1
  return plan.map((R, pass) => {
    const source = pass === 0 ? first : between[(pass - 1) % 2]
    const to = pass === plan.length - 1 ? last : between[pass % 2]
    const bound = bindOperands({ ...source.operands, ...to.operands } as Record<string, Request>)
    const lines: string[] = []
    let names = 0
    const out = small(
      range(R).map((r) => `x${r}`),
      inverse,
      lines,
      () => `t${names++}`,
    )
    const total = (n / R) * channels
    const code = kernel({
      label: `${label} ${pass}`,
      bound,
      workgroup,
      groups: ceilDiv(total, workgroup),
      globals: MODE_FUNCTIONS,
      body: `let e = w * ${workgroup}u + li; if (e >= ${total}u) { return; } let s = e % ${channels}u; let j = e / ${channels}u; let k = j % ${done}u;
${done > 1 ? `let w1 = turn(vec2f(f32(k) * ${(2 * Math.PI) / (done * R)}, 0.0)) * vec2f(1.0, ${inverse ? '1.0' : '-1.0'});` : ''}
${
  done > 1
    ? range(R - 2)
        .map((r) => `let w${r + 2} = product(w${r + 1}, w1);`)
        .join(' ')
    : ''
}
${range(R)
  .map((r) => {
    const value = source.load!(bound.views, `j + ${(r * n) / R}u`)
    return `let x${r} = ${r && done > 1 ? `product(${value}, w${r})` : value};`
  })
  .join('\n')}
${lines.join('\n')}
let base = j / ${done}u * ${done * R}u + k;
${out.map((value, r) => to.store!(bound.views, `base + ${r * done}u`, value)).join('\n')}`,
    })
    done *= R
    return code
  })
}
