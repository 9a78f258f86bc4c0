import type { Page } from '@playwright/test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from './fixtures.ts'
import { drop, importButton, readout, runControl, runState, SAMPLES, shot } from './window.ts'

interface Domain {
  name: string
  files: string[]
  /** What the import sheet and the dataset's page must say. */
  kind: RegExp
  facts: RegExp
  /** The unit a loss is shown in. */
  unit: RegExp
  generated(page: Page): Promise<void>
}

const DOMAINS: Domain[] = [
  {
    name: 'a FASTA genome',
    files: ['lambda.fa.gz'],
    kind: /FASTA/,
    facts: /48,502 bases/,
    unit: /bits\/base/,
    generated: (page) => expect(page.getByTestId('generated-text')).toHaveText(/^[ACGTN]{50,}$/, { timeout: 60_000 }),
  },
  {
    name: 'WAV recordings',
    files: ['ambi_piano.wav', 'guit_harmonics.wav'].map((file) => join('guitar-and-piano', file)),
    kind: /WAV/,
    facts: /16,000|16 kHz/,
    unit: /bits\/sample/,
    generated: async (page) => {
      await expect(page.getByLabel(/Waveform of/)).toBeVisible({ timeout: 60_000 })
      await expect(page.getByRole('button', { name: /^Play/ })).toBeEnabled()
    },
  },
  {
    name: 'a CSV of several channels',
    files: ['seattle-hourly-normals.csv'],
    kind: /CSV, 3 channels/,
    facts: /8,759 rows/,
    unit: /MSE/,
    generated: (page) => expect(page.getByText(/repeat the last value/i).first()).toBeVisible({ timeout: 60_000 }),
  },
]

for (const { name, files, kind, facts, unit, generated } of DOMAINS) {
  test(`${name}: dropped, seen, trained on, continued`, async ({ page }) => {
    test.setTimeout(240_000)
    const picture = name.replaceAll(' ', '-').toLowerCase()
    await expect(page.getByRole('heading', { name: /Train a sequence model/ })).toBeVisible()
    await drop(page, ...files.map((file) => join(SAMPLES, file)))
    await expect(page.getByRole('dialog')).toContainText(kind)
    await expect(importButton(page)).toBeEnabled()
    await importButton(page).click()
    await expect(page.getByRole('main')).toContainText(facts)
    await expect(page.getByRole('main').getByRole('img').or(page.locator('main canvas')).first()).toBeVisible()
    await shot(page, `domain-${picture}-data`)

    await page.getByRole('button', { name: /Train on this/ }).click()
    await runControl(page, 'Start training').click()
    await expect(readout(page, 'Train loss')).toContainText(/\d/, { timeout: 30_000 })
    await expect(readout(page, 'Validation loss')).toContainText(unit, { timeout: 30_000 })
    await runControl(page, 'Stop and save').click()
    await expect(runState(page)).toHaveText('Stopped', { timeout: 30_000 })
    await shot(page, `domain-${picture}-train`)

    await page
      .getByRole('group', { name: 'What next' })
      .getByRole('link', { name: /Generate/ })
      .click()
    await page.getByRole('button', { name: /^(Generate|Forecast)/ }).click()
    await generated(page)
    await shot(page, `domain-${picture}-generate`)
  })
}

test('files that cannot be read are refused with a sentence, and nothing is imported', async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), 'strand-bad-'))
  const write = (name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const bad: [string, RegExp][] = [
    [write('empty.txt', ''), /empty\.txt is empty/],
    [write('program.csv', Buffer.from([0x7f, 0x45, 0x4c, 0x46, ...new Uint8Array(4000).map((_, i) => (i * 37) % 256)])), /program\.csv/],
    [write('cut.fa.gz', gzipSync('>a\n' + 'ACGT'.repeat(20_000)).subarray(0, 60)), /cut\.fa\.gz/],
  ]
  try {
    for (const [path, sentence] of bad) {
      await drop(page, path)
      await expect(page.getByRole('dialog').getByRole('alert')).toContainText(sentence)
      await expect(importButton(page)).toBeDisabled()
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog')).toBeHidden()
    }
    await page.getByRole('link', { name: 'Data', exact: true }).click()
    await expect(page.getByRole('main')).toContainText('No datasets yet')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
