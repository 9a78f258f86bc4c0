import { shallowRef } from 'vue'

export type ThemeName = 'light' | 'dark'

const current = (): ThemeName => (document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light')
const theme = shallowRef<ThemeName>(current())

if (typeof MutationObserver !== 'undefined') {
  new MutationObserver(() => (theme.value = current())).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ['data-theme'],
  })
}

/** The theme the page has now. Pictures and charts are painted, so they must follow it themselves. */
export const useTheme = (): typeof theme => theme
