import { ReferenceBackend } from '../backends/reference/reference.ts'
import { testMixers } from '../testing/mixerSuite.ts'

// In float64 only rounding separates the forms.
testMixers('reference', 1e-10, () => Promise.resolve(new ReferenceBackend()))
