// npm test: unit, backend, worker, command-line and browser tests, one after the other, and one last line that sums them.
// Installs Debian's Chromium where it is missing and that is possible; says what to install where it is not.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const reports = join(root, 'out', 'test')
const bin = (name) => join(root, 'node_modules', '.bin', name)
const env = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`, STRAND_NO_OPEN: '1', FORCE_COLOR: '0' }

/** Exit code of a command whose output goes to ours. Asynchronous: a stopped test run takes the command with it. */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' })
    const stop = () => child.kill('SIGTERM')
    process.once('SIGTERM', stop)
    process.once('SIGINT', stop)
    child.on('error', () => resolve(127))
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

const CHROMIUMS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

async function findChromium() {
  const found = () => [process.env.STRAND_CHROMIUM, ...CHROMIUMS].find((path) => path && existsSync(path))
  if (found()) return found()
  const root = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (root) {
    console.log('Installing Chromium for the browser tests (apt-get install chromium)…')
    if ((await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'])) !== 0) {
      await run('apt-get', ['update', '-qq'])
      await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'])
    }
  }
  return found()
}

/** Without a GPU the WebGPU tests run on the software Vulkan driver that Chromium brings. */
function chooseVulkan() {
  if (process.env.VK_ICD_FILENAMES || process.platform !== 'linux') return
  const gpu = (existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('render'))) || existsSync('/dev/nvidia0')
  const software = ['/usr/lib/chromium/vk_swiftshader_icd.json', '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json'].find(existsSync)
  if (gpu) return
  if (!software)
    return console.log('SKIPPED: no GPU and no software Vulkan driver, so no WebGPU test can run; install chromium or mesa-vulkan-drivers.')
  env.VK_ICD_FILENAMES = software
  // the loader may be only in Chromium's own folder
  const loader = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'].some((folder) =>
    existsSync(join(folder, 'libvulkan.so.1')),
  )
  if (!loader) env.LD_LIBRARY_PATH = [dirname(software), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':')
}

function read(name) {
  try {
    return JSON.parse(readFileSync(join(reports, name), 'utf8'))
  } catch {
    return null
  }
}

const total = { passed: 0, failed: 0, skipped: 0 }

/** A suite that ended badly without a report, or with an error outside every test, counts as one failure. */
function add(code, counts) {
  const { passed, failed, skipped } = counts ?? { passed: 0, failed: 0, skipped: 0 }
  total.passed += passed
  total.failed += failed === 0 && code !== 0 ? 1 : failed
  total.skipped += skipped
}

rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })
const chromium = await findChromium()
chooseVulkan()

const built = spawnSync(process.execPath, [join(root, 'main', 'build.mjs')], { cwd: root, env, stdio: 'inherit' }).status
if (built !== 0) console.error('The build failed; the tests that need it will fail too.')

const unit = await run(bin('vitest'), ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${join(reports, 'vitest.json')}`])
const vitest = read('vitest.json')
add(unit, vitest && { passed: vitest.numPassedTests, failed: vitest.numFailedTests, skipped: vitest.numPendingTests + vitest.numTodoTests })

if (chromium) {
  env.STRAND_CHROMIUM = chromium
  const browser = await run(bin('playwright'), ['test'])
  const stats = read('playwright.json')?.stats
  add(browser, stats && { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped })
} else {
  console.error('FAILED: the browser tests need Chromium; install it ("apt-get install chromium" as root) or name it in STRAND_CHROMIUM.')
  total.failed += 1
}

console.log(`${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`)
process.exit(total.failed > 0 ? 1 : 0)
