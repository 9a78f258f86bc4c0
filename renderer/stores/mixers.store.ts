import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { MixerInfo } from '../../main/contract/run.ts'
import { call } from '../services/bridge.ts'
import { useToasts } from './toasts.store.ts'

/** What layers can be made of. Asked once: it comes with the program, not with a project. */
export const useMixers = defineStore('mixers', () => {
  const list = shallowRef<MixerInfo[]>([])
  const toasts = useToasts()
  async function load(): Promise<void> {
    if (list.value.length > 0) return
    try {
      list.value = await call('model/mixers')
    } catch (error) {
      toasts.showError(error)
    }
  }
  void load()
  const byName = (name: string): MixerInfo | null => list.value.find((mixer) => mixer.name === name) ?? null
  return { list, byName, load }
})
