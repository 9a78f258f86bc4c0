/** The tokens that painted things use, read from the page so that there is one place where a colour is written. */
const NAMES = [
  'page',
  'panel',
  'sunk',
  'hover',
  'line',
  'line-2',
  'text',
  'text-2',
  'text-3',
  'accent',
  'accent-soft',
  'running',
  'done',
  'warn',
  'fail',
  'grid',
  'axis',
  'baseline',
  'mass',
  'c1',
  'c2',
  'c3',
  'c4',
  'c5',
  'c6',
  'c7',
  'c8',
  'c2-text',
  'textdom',
  'base-a',
  'base-c',
  'base-g',
  'base-t',
  'base-n',
  'base-a-bg',
  'base-c-bg',
  'base-g-bg',
  'base-t-bg',
  'base-n-bg',
] as const

export type ColourName = (typeof NAMES)[number]
export type Colours = Readonly<Record<ColourName, string>> & { readonly dark: boolean }

export function readColours(): Colours {
  const style = getComputedStyle(document.documentElement)
  const entries = NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])
  return { ...Object.fromEntries(entries), dark: document.documentElement.dataset.theme === 'dark' } as Colours
}

export const MONO = '"JetBrains Mono Variable", monospace'
export const SANS = '"Inter Variable", sans-serif'
