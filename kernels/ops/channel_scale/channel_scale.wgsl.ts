import { bindOperands, ceilDiv, kernel, reads, type WgslKernel, writes } from '../../backends/webgpu/wgsl.ts'

export const channel_scale: WgslKernel = {
  dispatches({ inputs: [x, weight, addend], outputs: [y] }, { software }) {
    const vec = x.cols % 4 === 0
    const width = vec ? x.cols / 4 : x.cols
    const bound = bindOperands({
      x: reads(x, vec),
      weight: reads(weight, vec),
      ...(addend ? { addend: reads(addend, vec) } : {}),
      y: writes(y, vec),
    } as Record<string, ReturnType<typeof reads>>)
    const get = (name: string, row: string): string => (vec ? bound.views[name].get4(row, 'c') : bound.views[name].get(row, 'c'))
    const value = `${get('x', 'r')} * ${get('weight', '0u')}${addend ? ` + ${get('addend', 'r')}` : ''}`
    const workgroup = software ? 64 : 256
    return [
      kernel({
        label: 'channel_scale',
        bound,
        workgroup,
        groups: ceilDiv(x.rows * width, workgroup),
        body: `let i = w * ${workgroup}u + li; if (i >= ${x.rows * width}u) { return; } let r = i / ${width}u; let c = i % ${width}u;
${vec ? bound.views.y.put4('r', 'c', value) : bound.views.y.put('r', 'c', value)}`,
      }),
    ]
  },
}
