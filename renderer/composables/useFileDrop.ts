import { onBeforeUnmount, onMounted, shallowRef, type ShallowRef } from 'vue'

export interface Dragged {
  count: number
  /** MIME types as far as the system tells them before the drop; names are not known yet. */
  types: string[]
}

/** Files dragged anywhere over the window. `dragged` is set while they hover; `drop` gets them when let go. */
export function useFileDrop(drop: (files: File[]) => void): { dragged: ShallowRef<Dragged | null> } {
  const dragged = shallowRef<Dragged | null>(null)
  let depth = 0
  const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

  function enter(event: DragEvent): void {
    if (!holdsFiles(event)) return
    event.preventDefault()
    depth++
    const items = [...(event.dataTransfer?.items ?? [])].filter((item) => item.kind === 'file')
    dragged.value = { count: items.length, types: items.map((item) => item.type).filter(Boolean) }
  }
  function over(event: DragEvent): void {
    if (!holdsFiles(event)) return
    event.preventDefault()
    event.dataTransfer!.dropEffect = 'copy'
  }
  function leave(event: DragEvent): void {
    if (!holdsFiles(event)) return
    depth = Math.max(0, depth - 1)
    if (depth === 0) dragged.value = null
  }
  function letGo(event: DragEvent): void {
    if (!holdsFiles(event)) return
    event.preventDefault()
    depth = 0
    dragged.value = null
    const files = [...(event.dataTransfer?.files ?? [])]
    if (files.length > 0) drop(files)
  }
  const listeners = { dragenter: enter, dragover: over, dragleave: leave, drop: letGo } as const
  onMounted(() => Object.entries(listeners).forEach(([name, listener]) => window.addEventListener(name, listener as EventListener)))
  onBeforeUnmount(() =>
    Object.entries(listeners).forEach(([name, listener]) => window.removeEventListener(name, listener as EventListener)),
  )
  return { dragged }
}
