import { afterAll } from 'vitest'
import { testMixers } from '../../testing/mixerSuite.ts'
import { CpuBackend } from './cpu.ts'

const backend = await CpuBackend.open({ threads: 2 })
afterAll(() => backend.destroy())
testMixers('cpu', 1e-5, () => Promise.resolve(backend))
