import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { asCallError } from '../services/callError.ts'
import { errorText } from '../services/errorText.ts'

export interface Toast {
  id: number
  text: string
  kind: 'note' | 'error'
  action?: { label: string; run: () => void }
}

/** Short notes at the bottom, and the one polite live region that says milestones aloud. */
export const useToasts = defineStore('toasts', () => {
  const list = shallowRef<Toast[]>([])
  const spoken = shallowRef('')
  let next = 1

  function show(text: string, action?: Toast['action'], kind: Toast['kind'] = 'note'): void {
    // two at most: older ones were either read or are not worth reading any more
    list.value = [...list.value.slice(-1), { id: next++, text, kind, action }]
  }
  function showError(thrown: unknown): void {
    const error = asCallError(thrown)
    show(error.message || errorText(error.code).title, undefined, 'error')
  }
  const dismiss = (id: number): void => {
    list.value = list.value.filter((toast) => toast.id !== id)
  }
  const announce = (text: string): void => {
    spoken.value = text
  }
  return { list, spoken, show, showError, dismiss, announce }
})
