// node e2e/pictures.mjs [HOME]: the pictures of the README, from real runs on the bundled samples. Without HOME it imports and trains all four
// in a temporary folder first (minutes); with HOME it uses a user folder that has them already. Writes docs/images/*.png.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { CHROMIUM, CHROMIUM_ARGS } from '../playwright.config.ts'

const root = join(import.meta.dirname, '..')
const home = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'strand-pictures-'))
const env = { ...process.env, STRAND_HOME: home, STRAND_NO_OPEN: '1' }
const project = join(home, 'projects', 'First project')

const strand = (...args) => {
  console.log(`strand ${args.join(' ')}`)
  execFileSync(process.execPath, [join(root, 'main/cli/strand.mjs'), ...args, '--project', project], {
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}
if (!process.argv[2]) {
  const sample = (name) => join(root, 'datasets/samples', name)
  const sets = [
    ['Lambda phage', sample('lambda.fa.gz')],
    ['Guitar and piano', sample('guitar-and-piano')],
    ['Seattle weather', sample('seattle-hourly-normals.csv')],
    ['Tiny Shakespeare', sample('tinyshakespeare.txt.gz')],
  ]
  for (const [name, path] of sets) strand('import', path, '--name', name)
  for (const [name] of sets) strand('train', '--dataset', name, '--preset', 'mamba-small', '--device', 'cpu')
  for (const [i] of sets.entries()) strand('evaluate', '--run', String(i + 1))
  strand('export', '--run', '4', '--out', join(project, 'exports', 'shakespeare'))
}

const images = join(root, 'docs/images')
mkdirSync(images, { recursive: true })
const core = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'main/web/main.ts'], {
  cwd: root,
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
})
const url = await new Promise((resolve) => {
  let text = ''
  core.stdout.on('data', (data) => {
    const match = /Strand is open at (\S+)\n/.exec((text += data))
    if (match) resolve(match[1])
  })
})
const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS })
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
await page.goto(url)
const { origin } = new URL(page.url())
const picture = async (name, route, theme = 'light') => {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
  await page.goto(`${origin}/#${route}`)
  await page.waitForTimeout(2500) // charts and canvases draw what arrives
  await page.screenshot({ path: join(images, `${name}.png`) })
}
await picture('home', '/')
await picture('data', '/data/1')
await picture('data-audio', '/data/2', 'dark')
await picture('train', '/train/4')
await picture('train-dark', '/train/4', 'dark')
await picture('runs', '/runs')
await picture('evaluate', '/evaluate/3')
await picture('export', '/export/4')
await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
await page.goto(`${origin}/#/generate/4`)
await page
  .getByRole('button', { name: /^Generate/ })
  .last()
  .click()
await page.waitForTimeout(6000)
await page.screenshot({ path: join(images, 'generate.png') })
await browser.close()
core.kill('SIGTERM')
