import type { Page } from '@playwright/test'
import { existsSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { expect, test } from './fixtures.ts'
import { drop, importButton, readout, runControl, runState, SAMPLES, look, shot } from './window.ts'

const TEXT = join(SAMPLES, 'tinyshakespeare.txt.gz')

/** What is promised for a machine of its own takes so many times longer when its processors are shared with others. */
const crowding = (): number => Math.max(1, loadavg()[0] / availableParallelism())

/** The longest time in which the page drew nothing, in ms, over the next second and a half. */
const longestFrame = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const began = performance.now()
        let before = began
        let longest = 0
        const frame = (now: number): void => {
          longest = Math.max(longest, now - before)
          before = now
          if (now - began > 1500) resolve(longest)
          else requestAnimationFrame(frame)
        }
        requestAnimationFrame(frame)
      }),
  )

for (const host of ['web', 'electron'] as const) {
  test.describe(host, () => {
    test.use({ host })

    /** The browser front is looked at closely; the stand-in's window is the same page. */
    const seen = (page: Page, name: string): Promise<unknown> =>
      host === 'web' ? look(page, `journey-${name}`) : shot(page, `journey-electron-${name}`)

    test('drop a text, train a Mamba, watch it, evaluate, generate, export, come back', async ({ app }) => {
      test.setTimeout(420_000)
      let page = app.page

      await test.step('a dropped file is recognised by its content and imported with a report', async () => {
        await expect(page.getByRole('heading', { name: /Train a sequence model/ })).toBeVisible()
        await drop(page, TEXT)
        const sheet = page.getByRole('dialog')
        await expect(sheet).toContainText('tinyshakespeare')
        await expect(importButton(page)).toBeEnabled()
        await seen(page, 'import')
        await importButton(page).click()
        await expect(page.getByRole('heading', { name: 'tinyshakespeare' })).toBeVisible()
        await expect(page.getByRole('region', { name: 'Dataset tinyshakespeare' })).toContainText(/First.Citizen:/)
        await page.getByRole('tab', { name: /Report/ }).click()
        await seen(page, 'data')
      })

      await test.step('the loss is live within ten seconds, with speed and time left, and the window stays responsive', async () => {
        await page.getByRole('button', { name: /Train on this/ }).click()
        await expect(runControl(page, 'Start training')).toBeEnabled()
        await runControl(page, 'Start training').click()
        const until = Date.now() + 10_000 * crowding()
        await expect(readout(page, 'Train loss')).toContainText(/\d\.\d+/, { timeout: until - Date.now() })
        await expect(readout(page, 'Validation loss')).toContainText(/\d\.\d+nats\/char/, { timeout: Math.max(1, until - Date.now()) })
        await expect(readout(page, 'Speed')).toContainText('tok/s')
        await expect(readout(page, 'Step time')).toContainText(/\dms/)
        await expect(page.getByLabel('Run in numbers')).toContainText('Left')
        expect(await longestFrame(page)).toBeLessThan(500 * crowding())
        await seen(page, 'train')
      })

      await test.step('pause holds the step, resume goes on, stop keeps the weights', async () => {
        await runControl(page, 'Pause').click()
        await expect(runState(page)).toHaveText('Paused')
        // the points of the step it was in may still be on their way
        await page.waitForTimeout(600)
        const held = await readout(page, 'Step').textContent()
        await page.waitForTimeout(1000)
        expect(await readout(page, 'Step').textContent()).toBe(held)
        await runControl(page, 'Resume').click()
        await expect(runState(page)).toHaveText('Running')
        await expect(readout(page, 'Step')).not.toHaveText(held ?? '')
        await runControl(page, 'Stop and save').click()
        await expect(runState(page)).toHaveText('Stopped')
      })

      await test.step('an honest score on held-out records, beside the baseline', async () => {
        await page
          .getByRole('group', { name: 'What next' })
          .getByRole('link', { name: /Evaluate/ })
          .click()
        const evaluation = page.getByRole('region', { name: 'Evaluation', exact: true })
        await evaluation.getByRole('button', { name: 'Evaluate', exact: true }).click()
        await expect(evaluation.getByRole('heading', { level: 1 })).toContainText(/\d\.\d+ nats per character/, { timeout: 90_000 })
        await expect(evaluation).toContainText('order-0 entropy')
        await seen(page, 'evaluate')
      })

      await test.step('text streamed from the recurrent state', async () => {
        await page.getByRole('link', { name: 'Generate', exact: true }).click()
        await page.getByRole('button', { name: /^Generate/ }).click()
        await expect
          .poll(async () => (await page.getByTestId('generated-text').textContent())?.length ?? 0, { timeout: 60_000 })
          .toBeGreaterThan(100)
        await expect(page.getByRole('button', { name: /^Again/ })).toBeVisible({ timeout: 60_000 })
        await seen(page, 'generate')
      })

      let folder = ''
      await test.step('weights written and proven', async () => {
        await page.getByRole('link', { name: 'Export', exact: true }).click()
        await page
          .getByRole('region', { name: 'Export', exact: true })
          .getByRole('button', { name: /^Export/ })
          .click()
        await expect(page.getByText('Passed.', { exact: true })).toBeVisible({ timeout: 60_000 })
        folder = (await page.getByTestId('export-folder').textContent()) ?? ''
        for (const file of ['model.safetensors', 'config.json']) expect(existsSync(join(folder, file)), file).toBe(true)
        await seen(page, 'export')
      })

      await test.step('closed and opened again, everything is there', async () => {
        page = await app.restart()
        await page.getByRole('link', { name: 'Runs', exact: true }).click()
        await expect(page.getByRole('heading', { level: 1, name: 'Runs' })).toBeVisible()
        await expect(page.getByRole('table')).toContainText('tinyshakespeare')
        await seen(page, 'runs')
        await page.getByRole('link', { name: 'Evaluate', exact: true }).click()
        await expect(page.getByRole('heading', { level: 1 })).toContainText('nats per character')
        await page.getByRole('link', { name: 'Export', exact: true }).click()
        await expect(page.getByTestId('export-folder')).toHaveText(folder)
        await page.getByRole('link', { name: 'Home', exact: true }).click()
        await seen(page, 'home')
        await page.getByRole('link', { name: 'Models', exact: true }).click()
        await seen(page, 'models')
      })
    })
  })
}

test('killed in the middle of training, the run shows as interrupted and resumes from its last checkpoint', async ({ app }) => {
  test.setTimeout(180_000)
  await app.page.getByRole('button', { name: /Tiny Shakespeare/ }).click()
  await app.page.getByRole('button', { name: /Train on this/ }).click()
  await runControl(app.page, 'Start training').click()
  await expect(readout(app.page, 'Train loss')).toContainText(/\d\.\d+/)
  // a checkpoint comes with a stop; resuming goes on from it
  await runControl(app.page, 'Stop and save').click()
  await expect(runState(app.page)).toHaveText('Stopped')
  await runControl(app.page, 'Resume').click()
  await expect(runState(app.page)).toHaveText('Running')
  await app.kill()

  const page = await app.start()
  // as a user comes back: by the link on Home. Changing the address before the first screen stood raced with the router.
  await page
    .getByRole('region', { name: 'Recent runs' })
    .getByRole('link', { name: /Tiny Shakespeare/ })
    .click()
  await expect(runState(page)).toHaveText('Interrupted')
  await expect(page.getByRole('alert')).toContainText('Resume continues from its last checkpoint')
  const before = Number((await readout(page, 'Step').textContent())?.replace(/of.*|\D/g, ''))
  await runControl(page, 'Resume').click()
  await expect(runState(page)).toHaveText('Running')
  await expect
    .poll(async () => Number((await readout(page, 'Step').textContent())?.replace(/of.*|\D/g, '')), { timeout: 30_000 })
    .toBeGreaterThan(before)
  await runControl(page, 'Stop and save').click()
  await expect(runState(page)).toHaveText('Stopped')
})
