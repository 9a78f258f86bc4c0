import { afterAll } from 'vitest'
import { testBackend } from '../../testing/backendSuite.ts'
import { CpuBackend } from './cpu.ts'

const backends = {
  'cpu, 1 thread': await CpuBackend.open({ threads: 1 }),
  'cpu, 2 threads': await CpuBackend.open({ threads: 2 }),
  'cpu, 3 threads': await CpuBackend.open({ threads: 3 }),
  'cpu, 2 threads, without FMA': await CpuBackend.open({ threads: 2, fma: false }),
}
afterAll(() => Object.values(backends).forEach((b) => b.destroy()))

for (const [name, backend] of Object.entries(backends)) testBackend(name, () => Promise.resolve(backend))
