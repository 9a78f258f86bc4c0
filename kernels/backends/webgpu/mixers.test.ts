import { testMixers } from '../../testing/mixerSuite.ts'
import { withWebGpu } from '../../testing/withWebGpu.ts'

await withWebGpu((backend) => testMixers('webgpu', 1e-5, () => Promise.resolve(backend)))
