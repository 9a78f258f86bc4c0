/**
 * Writes out exchanges between 32 invocations as workgroup memory and barriers, for drivers whose subgroups are smaller: slow, and the same
 * numbers. For shaders that exchange in uniform control flow only.
 */
export function subgroupsOf32(code: string): string {
  if (!code.includes('subgroupShuffle')) return code
  const threads = /@workgroup_size\((\d+)\)/.exec(code)![1]
  const types = ['f32', 'vec2f'] as const
  const memory = types.map(
    (T) => `var<workgroup> exchanged_${T}: array<${T}, ${threads}>;
fn swap_${T}(li: u32, v: ${T}, place: u32) -> ${T} { workgroupBarrier(); exchanged_${T}[li] = v; workgroupBarrier(); return exchanged_${T}[place]; }`,
  )
  // The only vec2f that is exchanged is called `sum`.
  const body = code
    .replace(/subgroupShuffleXor\(sum, (\w+)\)/g, 'swap_vec2f(li, sum, li ^ $1)')
    .replace(/subgroupShuffleXor\((\w+), (\w+)\)/g, 'swap_f32(li, $1, li ^ $2)')
    .replace(/subgroupShuffle\((\w+), ([^()]+)\)/g, 'swap_f32(li, $1, li / 32u * 32u + $2)')
  return body.replace('@compute', `${memory.join('\n')}\n@compute`)
}
