import { computed, type ComputedRef } from 'vue'
import { useTheme } from '../composables/useTheme.ts'
import { readColours, type Colours } from './colours.ts'

/** Builds again when what it reads or the theme changes. */
export function useOption<T>(build: (colours: Colours) => T): ComputedRef<T> {
  const theme = useTheme()
  return computed(() => {
    void theme.value
    return build(readColours())
  })
}
