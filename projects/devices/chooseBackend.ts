import { StrandError } from '../../datasets/errors.ts'
import type { Backend } from '../../kernels/backends/backend.ts'
import { CpuBackend } from '../../kernels/backends/cpu/cpu.ts'
import { ReferenceBackend } from '../../kernels/backends/reference/reference.ts'
import { halvesProblem } from '../../kernels/backends/webgpu/halvesCheck.ts'
import { matrixUnitsProblem } from '../../kernels/backends/webgpu/matrixUnits.ts'
import { openWebGpu, WebGpuBackend } from '../../kernels/backends/webgpu/webgpu.ts'
import type { OpName } from '../../kernels/ops/names.ts'
import type { Device } from '../api.ts'
import type { RunConfig } from '../../main/contract/run.ts'
import { loadChoices } from './kernelChoices.ts'
import { selfTest, trainingSpeed } from './measure.ts'

export type Precision = NonNullable<RunConfig['training']['precision']>

export interface Choice {
  readonly backend: Backend
  /** What is used and why, for people. */
  readonly sentence: string
}

/** The ops that a broken driver gets wrong first; `strand doctor` runs all of them. */
const QUICK: readonly OpName[] = ['matmul', 'selective_scan', 'cross_entropy', 'adamw']

/**
 * The backend for a piece of work. `auto` takes a real GPU that passes a short self-test and trains faster than the CPU; a graphics
 * driver that itself runs on the CPU is never chosen. Throws 'no-gpu' where `webgpu` was asked for and there is none. `mixed` precision is
 * granted as far as the adapter can: products on matrix units, activations stored in float16, each where it passes its check; the sentence
 * says so, or why not.
 */
export async function chooseBackend(device: Device, precision: Precision = 'f32'): Promise<Choice> {
  const { backend, sentence } = await openBackend(device)
  if (backend instanceof WebGpuBackend) loadChoices(backend)
  if (precision !== 'mixed') return { backend, sentence }
  return { backend, sentence: `${sentence} ${await mixed(backend)}` }
}

/** Mixed precision where it can be had. */
async function mixed(backend: Backend): Promise<string> {
  if (!(backend instanceof WebGpuBackend)) return 'Mixed precision is for a GPU that can store float16; this run computes in float32.'
  const [products, storage] = [await matrixUnitsProblem(backend), await halvesProblem(backend)]
  backend.useMixedPrecision(!products, !storage)
  return [
    products ? `${products} Matrix products stay in float32.` : 'Matrix products round their inputs to float16 and add in float32.',
    storage ? `${storage} Activations stay in float32.` : 'Large activations lie in memory as float16.',
  ].join(' ')
}

async function openBackend(device: Device): Promise<Choice> {
  switch (device) {
    case 'reference':
      return { backend: new ReferenceBackend(), sentence: 'Runs on the reference backend, as chosen: exact and very slow.' }
    case 'cpu': {
      const backend = await CpuBackend.open()
      return { backend, sentence: `Runs on ${backend.description}, as chosen.` }
    }
    case 'webgpu': {
      // asked for by name, a software driver will do: that is how the GPU path is tried on a machine without one
      const { backend, reason } = await openWebGpu({ software: true })
      if (!backend) throw new StrandError('no-gpu', `${reason} Choose the CPU, or "auto".`)
      return { backend, sentence: `Runs on ${backend.description}, as chosen.` }
    }
    case 'auto':
      return automatic()
  }
}

async function automatic(): Promise<Choice> {
  const cpu = await CpuBackend.open()
  const stay = (reason: string): Choice => ({ backend: cpu, sentence: `Runs on ${cpu.description}. ${reason}` })
  const { backend: gpu, reason } = await openWebGpu()
  if (!gpu) return stay(reason)
  const problem = await compare(gpu, cpu).catch((error: Error) => `${gpu.description} failed its self-test: ${error.message}`)
  if (typeof problem === 'string') {
    gpu.destroy()
    return stay(problem)
  }
  cpu.destroy()
  return {
    backend: gpu,
    sentence: `Runs on ${gpu.description}, which trained a small model ${problem.times.toFixed(1)} times as fast as the CPU.`,
  }
}

/** How many times faster the GPU trains, or the sentence why it should not be used. */
async function compare(gpu: WebGpuBackend, cpu: CpuBackend): Promise<string | { times: number }> {
  const failed = (await selfTest(gpu, undefined, QUICK)).find(({ passed }) => !passed)
  if (failed) return `${gpu.description} gave a wrong result in its self-test (${failed.op}, ${failed.case}).`
  const times = (await trainingSpeed(gpu, 0.3)) / (await trainingSpeed(cpu, 0.3))
  return times > 1 ? { times } : `${gpu.description} trained a small model no faster.`
}
