import { create, globals } from 'webgpu'

const {
  GPUBufferUsage: usage,
  GPUMapMode: mapMode,
  GPUShaderStage: stage,
} = globals as unknown as {
  GPUBufferUsage: Record<'STORAGE' | 'COPY_DST' | 'COPY_SRC' | 'MAP_READ' | 'QUERY_RESOLVE', number>
  GPUMapMode: Record<'READ', number>
  GPUShaderStage: Record<'COMPUTE', number>
}
export { mapMode, stage, usage }

/** A Vulkan driver file that names a CPU implementation. */
const softwareDriver = (): boolean =>
  /swiftshader|lvp|lavapipe/i.test(`${process.env.VK_ICD_FILENAMES ?? ''} ${process.env.VK_DRIVER_FILES ?? ''}`)

/**
 * On real hardware: no index clamps and no validation (kernels stay in bounds by construction; the tests run with both on), f16 and
 * matrix units on NVIDIA, exact timestamps. Never rely on cleared memory.
 */
const FAST = [
  'enable-dawn-features=allow_unsafe_apis,disable_robustness,skip_validation,use_vulkan_memory_model,vulkan_enable_f16_on_nvidia',
  'disable-dawn-features=lazy_clear_resource_on_first_use,timestamp_quantization',
]
const SAFE = ['enable-dawn-features=allow_unsafe_apis', 'disable-dawn-features=lazy_clear_resource_on_first_use,timestamp_quantization']

let instance: GPU | undefined

/** Dawn, opened once per process and referenced for ever: the process dies if the object is collected. */
export function dawn(): GPU {
  instance ??= create(softwareDriver() ? SAFE : FAST)
  return instance
}
