import { testBackend } from '../../testing/backendSuite.ts'
import { withWebGpu } from '../../testing/withWebGpu.ts'

await withWebGpu((backend) => testBackend('webgpu', () => Promise.resolve(backend)))
