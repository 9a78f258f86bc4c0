// npm run package:check: electron-builder really runs, on a stub in place of the Electron binary, and what it wrote is looked at:
// the archive's contents, what lies beside it, and the fuses. It proves the configuration, not that Electron starts.
import { extractFile, listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { createPackage } from '@electron/asar'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const stub = join(root, 'out', 'package-stub')
const unpacked = join(root, 'out', 'package', 'linux-unpacked')
const ENABLED = '1'.charCodeAt(0)
const DISABLED = '0'.charCodeAt(0)

const problems = []
const expectThat = (condition, sentence) => condition || problems.push(sentence)

/** What electron-builder asks of an Electron: an executable that holds a fuse wire (version 1, eight fuses, all on), a default app, a version. */
async function makeStub() {
  rmSync(stub, { recursive: true, force: true })
  mkdirSync(join(stub, 'resources'), { recursive: true })
  const app = join(stub, 'app')
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), '{"name":"default","main":"main.js"}')
  writeFileSync(join(app, 'main.js'), '')
  await createPackage(app, join(stub, 'resources', 'default_app.asar'))
  rmSync(app, { recursive: true })
  const wire = Buffer.concat([Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'), Buffer.from([1, 8]), Buffer.from('11111111')])
  writeFileSync(
    join(stub, 'electron'),
    Buffer.concat([Buffer.from('#!/bin/sh\n# stands in for the Electron executable\nexit 1\n'), wire]),
    { mode: 0o755 },
  )
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox']) writeFileSync(join(stub, name), name)
  writeFileSync(join(stub, 'version'), '45.4.1')
}

await makeStub()
rmSync(join(root, 'out', 'package'), { recursive: true, force: true })
const builder = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'electron-builder', 'cli.js'),
    '--linux',
    'dir',
    '--config',
    'electron-builder.yml',
    `-c.electronDist=${stub}`,
  ],
  { cwd: root, encoding: 'utf8', env: { ...process.env, CSC_IDENTITY_AUTO_DISCOVERY: 'false' } },
)
if (builder.status !== 0) {
  process.stderr.write(builder.stdout + builder.stderr)
  console.error('electron-builder refused the configuration; the lines above say why.')
  process.exit(1)
}

const asar = join(unpacked, 'resources', 'app.asar')
const inside = listPackage(asar, { isPack: false })
const has = (name) => inside.includes(`/${name}`)
for (const name of [
  'package.json',
  'LICENSE',
  'out/main/electron.js',
  'out/main/data.worker.js',
  'out/main/compute.worker.js',
  'out/preload/preload.cjs',
  'out/renderer/index.html',
]) {
  expectThat(has(name), `${name} is not in the archive`)
}
expectThat(has(JSON.parse(extractFile(asar, 'package.json').toString()).main), 'package.json names a main that is not in the archive')
const foreign = inside.filter((name) => /\.(ts|vue)$|\/(e2e|docs|test)\/|\.map$/.test(name) && !name.startsWith('/node_modules/'))
expectThat(foreign.length === 0, `sources or tests are in the archive: ${foreign.slice(0, 5).join(', ')}`)
const packages = new Set(inside.map((name) => /^\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1]).filter(Boolean))
expectThat(packages.has('better-sqlite3') && packages.has('webgpu'), 'a native package is missing')
const development = ['vue', 'electron-vite', 'vite', 'typescript', 'vitest', 'zod', 'ws', 'echarts'].filter((name) => packages.has(name))
expectThat(development.length === 0, `packages that the bundle already holds are packed again: ${development.join(', ')}`)

const samples = readdirSync(join(unpacked, 'resources', 'samples'))
expectThat(
  samples.some((name) => name.endsWith('.gz')) && !samples.some((name) => name.endsWith('.ts')),
  `the samples are not beside the archive: ${samples.join(', ')}`,
)

const native = readdirSync(`${asar}.unpacked`, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.node'))
expectThat(native.length === 2, `expected the two native binaries outside the archive, found ${native.join(', ') || 'none'}`)
expectThat(
  native.every((name) => name.includes('linux-x64')),
  `binaries of another platform are packed: ${native.join(', ')}`,
)

const fuses = await getCurrentFuseWire(join(unpacked, 'strand'))
const wanted = {
  RunAsNode: DISABLED,
  EnableCookieEncryption: ENABLED,
  EnableNodeOptionsEnvironmentVariable: DISABLED,
  EnableNodeCliInspectArguments: DISABLED,
  EnableEmbeddedAsarIntegrityValidation: ENABLED,
  OnlyLoadAppFromAsar: ENABLED,
}
for (const [name, state] of Object.entries(wanted))
  expectThat(fuses[FuseV1Options[name]] === state, `the fuse ${name} is ${fuses[FuseV1Options[name]]}`)

rmSync(stub, { recursive: true, force: true })
for (const problem of problems) console.error(`package: ${problem}`)
console.log(
  problems.length
    ? `The package is wrong in ${problems.length} points.`
    : `The package is sound: ${inside.length} entries, ${packages.size} packages, ${native.length} native binaries, fuses set.`,
)
process.exit(problems.length ? 1 : 0)
