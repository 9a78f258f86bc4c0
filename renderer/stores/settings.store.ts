import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { SettingInfo } from '../../main/contract/run.ts'
import { call } from '../services/bridge.ts'
import { useToasts } from './toasts.store.ts'

/** What every setting of a run may be, with its default, help and source. Asked once: it comes with the program. */
export const useSettings = defineStore('settings', () => {
  const list = shallowRef<SettingInfo[]>([])
  const toasts = useToasts()
  async function load(): Promise<void> {
    try {
      list.value = await call('model/settings')
    } catch (error) {
      toasts.showError(error)
    }
  }
  void load()
  return { list }
})
