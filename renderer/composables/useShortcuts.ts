import { onBeforeUnmount, onMounted, shallowRef } from 'vue'

/** Single letters can be turned off (WCAG 2.1.4); chords with Ctrl or ⌘ always work. */
export const singleKeys = shallowRef(true)

export type Shortcuts = Record<string, (event: KeyboardEvent) => void>

const isMac = typeof navigator !== 'undefined' && navigator.userAgent.includes('Mac')

/** "mod+k", "t", "Space", "ArrowLeft", "?". `mod` is ⌘ on a Mac and Ctrl elsewhere. */
export function keyName(event: Pick<KeyboardEvent, 'key' | 'metaKey' | 'ctrlKey' | 'altKey'>, mac = isMac): string {
  const key = event.key === ' ' ? 'Space' : event.key.length === 1 ? event.key.toLowerCase() : event.key
  return `${(mac ? event.metaKey : event.ctrlKey) ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${key}`
}

/** As it is written on a key cap: ⌘K or Ctrl K. */
export const keyCap = (key: string): string => key.replace('mod+', isMac ? '⌘' : 'Ctrl ')

const FIELDS = 'input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]'
/** Controls that use these keys themselves. */
const USES_SPACE = 'button, a, summary, [role=button], [role=menuitem], [role=option], [role=tab], [role=checkbox], input'
const USES_ARROWS = '[role=tab], [role=slider], [role=radio], [role=menu], [role=listbox], [role=menuitem], input'

function taken(event: KeyboardEvent, name: string): boolean {
  if (event.defaultPrevented || event.isComposing) return true
  if (document.querySelector('[role=dialog][data-state=open], [role=menu][data-state=open]')) return true
  if (name.startsWith('mod+')) return false
  const target = event.target instanceof Element ? event.target : null
  if (target?.closest(FIELDS)) return true
  if ((name === 'Space' || name === 'Enter') && target?.closest(USES_SPACE)) return true
  if (name.startsWith('Arrow') && target?.closest(USES_ARROWS)) return true
  return name.length === 1 && !singleKeys.value
}

/** Keys that work while the component is in the page. */
export function useShortcuts(shortcuts: Shortcuts): void {
  function press(event: KeyboardEvent): void {
    const name = keyName(event)
    const act = shortcuts[name]
    if (!act || taken(event, name)) return
    event.preventDefault()
    act(event)
  }
  onMounted(() => window.addEventListener('keydown', press))
  onBeforeUnmount(() => window.removeEventListener('keydown', press))
}
