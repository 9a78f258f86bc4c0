import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { asCallError, type CallError } from '../services/callError.ts'

export interface Load<T> {
  readonly data: ShallowRef<T | null>
  readonly error: ShallowRef<CallError | null>
  readonly loading: ShallowRef<boolean>
  reload(): Promise<void>
}

/**
 * Loads for a key and again when the key changes; an answer for an older key is dropped.
 * What was there stays visible while the same key is loaded again, so nothing flashes.
 */
export function useLoad<K, T>(key: () => K | null | undefined, load: (key: K) => Promise<T>): Load<T> {
  const data = shallowRef<T | null>(null)
  const error = shallowRef<CallError | null>(null)
  const loading = shallowRef(false)
  let turn = 0
  async function run(keepOld: boolean): Promise<void> {
    const own = ++turn
    const wanted = key()
    if (!keepOld) data.value = null
    error.value = null
    if (wanted === null || wanted === undefined) {
      loading.value = false
      return
    }
    loading.value = true
    try {
      const answer = await load(wanted)
      if (own === turn) data.value = answer
    } catch (thrown) {
      if (own === turn) error.value = asCallError(thrown)
    } finally {
      if (own === turn) loading.value = false
    }
  }
  watch(key, () => void run(false), { immediate: true })
  onScopeDispose(() => turn++)
  return { data, error, loading, reload: () => run(true) }
}
