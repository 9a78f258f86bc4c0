import { testBackend } from '../../testing/backendSuite.ts'
import { ReferenceBackend } from './reference.ts'

// Checks the harness, graph and plan as much as the backend: strided operands, NaN-filled outputs, gradients as planned commands.
testBackend('reference', () => Promise.resolve(new ReferenceBackend()))
