import { CpuBackend } from '../../kernels/backends/cpu/cpu.ts'
import { halvesProblem } from '../../kernels/backends/webgpu/halvesCheck.ts'
import { matrixUnitsProblem } from '../../kernels/backends/webgpu/matrixUnits.ts'
import { listAdapters, openWebGpu, type WebGpuBackend } from '../../kernels/backends/webgpu/webgpu.ts'
import type { AdapterInfo, DoctorReport } from '../../main/contract/system.ts'
import type { Doctor, Watch } from '../api.ts'
import { throwIfCancelled } from '../../datasets/errors.ts'
import { loadChoices, MEASURING, remeasureKernels } from './kernelChoices.ts'
import { selfTest, trainingSpeed } from './measure.ts'

/** Tests every backend against the reference, measures the real ones, and says what will be used and why. */
export const doctor: Doctor = async ({ remeasure }, watch) => {
  const report: DoctorReport = { sentence: '', chosen: 'cpu', adapters: [], selfTest: [], speed: [], halfPrecision: '', kernels: [] }
  const cpu = await CpuBackend.open()
  try {
    const failed = await examine(cpu, 'the CPU', watch, report)
    report.adapters.push({
      backend: 'cpu',
      name: cpu.description,
      detail: '',
      usable: failed === 0,
      reason: failed ? `${failed} of its self-tests fail.` : 'All of its self-tests pass.',
      limits: { threads: cpu.threads, maxMemoryBytes: 2 ** 32 },
      features: [],
    })
    const cpuSpeed = await trainingSpeed(cpu)
    report.speed.push({ backend: 'cpu', tokensPerSecond: cpuSpeed })
    report.sentence = await examineGpus(cpu, cpuSpeed, remeasure, watch, report)
    return report
  } finally {
    cpu.destroy()
  }
}

async function examineGpus(cpu: CpuBackend, cpuSpeed: number, remeasure: boolean, watch: Watch, report: DoctorReport): Promise<string> {
  for (const { name, api, software, features, limits } of await listAdapters()) {
    const info: AdapterInfo = {
      backend: 'webgpu',
      name,
      detail: api,
      usable: false,
      reason: '',
      limits: { ...limits },
      features: [...features],
    }
    report.adapters.push(info)
    if (software) info.reason = 'A driver that runs on the CPU: used only when asked for by name.'
  }
  const { backend: gpu, reason } = await openWebGpu({ software: true })
  if (!gpu) return `Strand will use ${cpu.description}. ${reason}`
  try {
    const info = report.adapters.find(({ backend, name }) => backend === 'webgpu' && name === gpu.adapter.name)!
    const failed = await examine(gpu, gpu.description, watch, report)
    info.usable = failed === 0
    report.halfPrecision = [
      (await matrixUnitsProblem(gpu)) ?? `${gpu.description} has matrix units for mixed precision, and they pass their check.`,
      (await halvesProblem(gpu)) ?? 'It stores activations as float16, and passes the check of that.',
    ].join(' ')
    await examineKernels(gpu, remeasure, watch, report)
    if (failed) info.reason = `${failed} of its self-tests fail.`
    if (failed || gpu.adapter.software) return `Strand will use ${cpu.description}. ${gpu.description}: ${info.reason}`
    const speed = await trainingSpeed(gpu)
    report.speed.push({ backend: 'webgpu', tokensPerSecond: speed })
    const faster = speed > cpuSpeed
    if (faster) report.chosen = 'webgpu'
    info.reason = `All of its self-tests pass; it trains a small model ${(speed / cpuSpeed).toFixed(1)} times as fast as the CPU.`
    return `Strand will use ${faster ? gpu.description : cpu.description}. ${gpu.description}: ${info.reason}`
  } finally {
    gpu.destroy()
  }
}

/** What was measured on the adapter, measured again first where that is asked for. */
async function examineKernels(gpu: WebGpuBackend, remeasure: boolean, watch: Watch, report: DoctorReport): Promise<void> {
  loadChoices(gpu)
  if (remeasure)
    await remeasureKernels(gpu, {
      signal: watch.signal,
      tell: (done, of) => watch.progress({ fraction: done / of, phase: MEASURING }),
    })
  report.kernels = gpu.target.choices
    .list()
    .map(({ op, key, name, ms, ruleMs, at }) => ({ op, shape: key, variant: name, ms, ruleMs, measuredAt: at }))
}

/** Runs the self-test into the report; answers how many cases failed. */
async function examine(backend: Parameters<typeof selfTest>[0], what: string, watch: Watch, report: DoctorReport): Promise<number> {
  const cases = await selfTest(backend, (done, of) => {
    throwIfCancelled(watch.signal, 'The examination')
    watch.progress({ fraction: done / of, phase: `testing ${what}` })
  })
  report.selfTest.push(...cases)
  return cases.filter(({ passed }) => !passed).length
}
