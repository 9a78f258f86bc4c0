import { expect, test } from './fixtures.ts'
import { look, readout, runControl, runState } from './window.ts'

test('a model of layers that a person writes: refused with a sentence, then counted, trained, and frozen in the recipe', async ({
  page,
}) => {
  test.setTimeout(120_000)
  await page.getByRole('button', { name: /Tiny Shakespeare/ }).click()
  await expect(page.getByRole('button', { name: /Train on this/ })).toBeVisible({ timeout: 30_000 })
  await page.getByRole('link', { name: 'Models', exact: true }).click()
  await page.getByRole('button', { name: /^Mamba, nano/ }).click()
  const layers = page.getByLabel('Layers', { exact: true })
  await layers.fill('2×transformer')
  await layers.press('Enter')
  await expect(page.getByText('There is no mixer "transformer"')).toBeVisible()
  await layers.fill('1×mamba, 1×attention, 1×slstm')
  await layers.press('Enter')
  const stack = page.getByRole('region', { name: 'Stack' })
  for (const name of ['Mamba (S6)', 'Attention', 'sLSTM (xLSTM)']) await expect(stack.getByRole('button', { name })).toBeVisible()
  await stack.getByRole('button', { name: 'Attention' }).click()
  await page.getByLabel('n_heads').fill('2')
  await page.getByLabel('n_heads').press('Enter')
  await look(page, 'models-hybrid')
  await page.getByRole('button', { name: /Train this/ }).click()
  await runControl(page, 'Start training').click()
  await expect(readout(page, 'Train loss')).toContainText(/\d\.\d+/, { timeout: 30_000 })
  await runControl(page, 'Stop and save').click()
  await expect(runState(page)).toHaveText('Stopped', { timeout: 30_000 })
  await expect(page.getByText('1×mamba, 1×attention, 1×slstm')).toBeVisible()
})
