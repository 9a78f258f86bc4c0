import { cpus, totalmem } from 'node:os'
import type { Backend } from '../../kernels/backends/backend.ts'
import { CpuBackend } from '../../kernels/backends/cpu/cpu.ts'
import { chooseBackend } from '../devices/chooseBackend.ts'

export interface DeviceChoice {
  readonly device: 'cpu' | 'webgpu'
  readonly threads?: number
}

/** The backend that a study or a preset is measured on. `threads` are the CPU's; it has one a core when left out. */
export const openDevice = async ({ device, threads }: DeviceChoice): Promise<Backend> =>
  device === 'cpu' ? CpuBackend.open({ threads }) : (await chooseBackend(device)).backend

/** The same backend for those who destroy theirs: several runs one after the other keep the pipelines that the first one compiled. */
export const kept = (backend: Backend): Backend =>
  new Proxy(backend, {
    get(target, key) {
      if (key === 'destroy') return () => {}
      const value: unknown = Reflect.get(target, key, target)
      // its methods reach private fields, which a proxy has not
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })

/** What the words of --device and --threads say; throws a sentence. */
export function deviceOf({ device = 'cpu', threads }: { device?: string; threads?: string }): DeviceChoice {
  if (device !== 'cpu' && device !== 'webgpu') throw new Error(`--device is cpu or webgpu, not "${device}".`)
  const count = threads === undefined ? undefined : Number(threads)
  if (count !== undefined && !(Number.isInteger(count) && count > 0))
    throw new Error(`--threads is a whole number above 0, not "${threads}".`)
  return { device, threads: count }
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGB: number
}

export const machine = (): Machine => ({
  cpu: cpus()[0].model.trim(),
  cores: cpus().length,
  memoryGB: Math.round(totalmem() / 2 ** 30),
})
