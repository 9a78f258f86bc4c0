import AxeBuilder from '@axe-core/playwright'
import { expect, type Locator, type Page } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** Real files, those that come with Strand; a user's own go the same way. */
export const SAMPLES = join(import.meta.dirname, '../datasets/samples')

/** What letting go of files over the window does: the events with the files' bytes. */
export async function drop(page: Page, ...paths: string[]): Promise<void> {
  const transfer = await page.evaluateHandle(
    (files) => {
      const data = new DataTransfer()
      for (const { base64, name } of files)
        data.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name))
      return data
    },
    paths.map((path) => ({ base64: readFileSync(path).toString('base64'), name: basename(path) })),
  )
  for (const event of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent('body', event, { dataTransfer: transfer })
}

export const readout = (page: Page, label: string): Locator =>
  page
    .getByLabel('Run in numbers')
    .locator('div', { has: page.getByText(label, { exact: true }) })
    .locator('dd')
export const runState = (page: Page): Locator => page.getByRole('region', { name: 'Progress' }).locator('.head .st')
export const runControl = (page: Page, name: string): Locator =>
  page.getByRole('group', { name: 'Run controls' }).getByRole('button', { name })
export const importButton = (page: Page): Locator => page.getByRole('dialog').getByRole('button', { name: /^Import/ })

/** A picture in out/screens. */
export const shot = (page: Page, name: string): Promise<Buffer> => page.screenshot({ path: `out/screens/${name}.png` })

/** The screen in light and dark: a picture of each, and no violation of WCAG A and AA in either. */
export async function look(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme)
    await shot(page, `${name}-${colorScheme}`)
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze()
    expect(
      violations.map(({ id, nodes }) => `${name}, ${colorScheme}: ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`),
    ).toEqual([])
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: null })
}
