import { existsSync } from 'node:fs'
import { constants } from 'node:os'

const FOLDER = '/usr/lib/chromium'
/** Keeps a library loaded though Node finds no module in it (dlfcn.h, Linux). */
const RTLD_NODELETE = 0x1000

/**
 * Lets Dawn find the software Vulkan driver that Debian's Chromium brings, where no other driver is named. To be called before `webgpu`
 * is imported. The loader library is opened by its path here, so that Dawn's own search by name finds it already loaded.
 */
export function useSoftwareGpu(): void {
  if (process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES) return
  if (!existsSync(`${FOLDER}/vk_swiftshader_icd.json`)) return
  process.env.VK_ICD_FILENAMES = `${FOLDER}/vk_swiftshader_icd.json`
  try {
    process.dlopen({ exports: {} }, `${FOLDER}/libvulkan.so.1`, constants.dlopen.RTLD_NOW | RTLD_NODELETE)
  } catch {
    // "Module did not self-register": expected, the library is loaded all the same.
  }
}
