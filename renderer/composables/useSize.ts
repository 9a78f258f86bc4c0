import { onBeforeUnmount, onMounted, shallowRef, type ShallowRef } from 'vue'

/** The size of an element in CSS pixels, whole numbers, kept up to date. */
export function useSize(element: ShallowRef<HTMLElement | null>): ShallowRef<{ width: number; height: number }> {
  const size = shallowRef({ width: 0, height: 0 })
  const observer = new ResizeObserver(([entry]) => {
    const width = Math.round(entry.contentRect.width)
    const height = Math.round(entry.contentRect.height)
    if (width !== size.value.width || height !== size.value.height) size.value = { width, height }
  })
  onMounted(() => element.value && observer.observe(element.value))
  onBeforeUnmount(() => observer.disconnect())
  return size
}
