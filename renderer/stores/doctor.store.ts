import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { DoctorReport } from '../../main/contract/system.ts'
import { call } from '../services/bridge.ts'
import { asCallError, type CallError } from '../services/callError.ts'

/** What this machine can train on. Takes seconds, so it is asked once and again on demand. */
export const useDoctor = defineStore('doctor', () => {
  const report = shallowRef<DoctorReport | null>(null)
  const testing = shallowRef(false)
  const error = shallowRef<CallError | null>(null)
  async function test(): Promise<void> {
    if (testing.value) return
    testing.value = true
    error.value = null
    try {
      report.value = await call('system/doctor')
    } catch (thrown) {
      error.value = asCallError(thrown)
    } finally {
      testing.value = false
    }
  }
  return { report, testing, error, test }
})
