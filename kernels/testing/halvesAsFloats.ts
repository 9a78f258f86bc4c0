/**
 * Writes out float16 in memory as float32 that was rounded to float16, for drivers without it: the same numbers, in four bytes each
 * (`halfStorage: { bytes: 4 }`). Such a driver may round what is below float16's smallest normal number to zero.
 */
export const halvesAsFloats = (code: string): string =>
  code
    .replace('enable f16;\n', '')
    .replace(/vec4<f16>\(/g, 'quantizeToF16(')
    .replace(/\bf16\(/g, 'quantizeToF16(')
    .replaceAll('vec4<f16>', 'vec4f')
    .replace(/\bf16\b/g, 'f32')
