import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const home = mkdtempSync(join(tmpdir(), 'strand-cli-'))
const project = join(home, 'project')
const text = join(home, 'rhyme.txt')

/** Small enough that a step takes milliseconds, large enough that there is something to learn. */
const TINY = [
  'model.d_model=16', 'model.layers=mamba', 'model.mixers.mamba.d_state=4', 'data.seqlen=32', 'data.batch=2',
  'training.validate_every=5', 'training.validate_batches=1', 'training.sample_every=0', 'optimizer.warmup=2',
] // prettier-ignore

interface Done {
  code: number | null
  stdout: string
  stderr: string
}

interface Running {
  child: ChildProcess
  done: Promise<Done>
  /** Resolves when an object of this type has been printed. */
  printed(type: string, fits?: (object: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
}

function start(...args: string[]): Running {
  const child = spawn(process.execPath, [join(ROOT, 'main/cli/strand.mjs'), ...args], {
    cwd: home,
    env: { ...process.env, STRAND_HOME: home },
  })
  let stdout = ''
  let stderr = ''
  const looks = new Set<() => void>()
  child.stdout.on('data', (data: Buffer) => {
    stdout += data.toString()
    for (const look of looks) look()
  })
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  const done = new Promise<Done>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
  const printed: Running['printed'] = (type, fits = () => true) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = objects(stdout.slice(0, stdout.lastIndexOf('\n') + 1)).find((object) => object.type === type && fits(object))
        if (found) resolve(found)
      }
      looks.add(look)
      look()
      void done.then(() => reject(new Error(`ended without printing ${type}: ${stderr}`)))
    })
  return { child, done, printed }
}

const strand = (...args: string[]): Promise<Done> => start(...args).done
const objects = (stdout: string): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
/** The last object of a type. */
const last = (done: Done, type: string): Record<string, unknown> => {
  const found = objects(done.stdout)
    .filter((object) => object.type === type)
    .at(-1)
  expect(found, `${type} in ${done.stdout}\n${done.stderr}`).toBeDefined()
  return found as Record<string, unknown>
}
const train = (name: string, steps: number): string[] => [
  'train',
  '--project',
  project,
  '--dataset',
  'rhyme',
  '--name',
  name,
  '--steps',
  String(steps),
  '--device',
  'cpu',
  '--seed',
  '7',
  '--json',
  '--set',
  ...TINY,
]

beforeAll(() => {
  const lines = [
    'Twinkle, twinkle, little star,',
    'how I wonder what you are,',
    'up above the world so high,',
    'like a diamond in the sky.',
  ]
  writeFileSync(text, Array.from({ length: 200 }, (_, i) => `${lines[i % 4]} ${i % 7}\n`).join(''))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

test('a wrong command line ends with 2, a wrong wish with 1 and one sentence', async () => {
  expect(await strand('trian')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining("unknown command 'trian'") })
  expect(await strand('train')).toMatchObject({ code: 2, stderr: expect.stringContaining('--dataset') })
  expect(await strand('train', '--dataset', '1', '--steps', 'many')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('whole number'),
  })
  expect(await strand('datasets', '--project', join(home, 'nowhere'))).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `There is no folder ${join(home, 'nowhere')}.\n`,
  })
  const refused = await strand('datasets', '--project', join(home, 'nowhere'), '--json')
  expect(objects(refused.stdout)).toMatchObject([{ type: 'error', code: 'not-found' }])
  expect((await strand('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('a file with nothing to import is refused with its name, and leaves no dataset', async () => {
  writeFileSync(join(home, 'empty.csv'), '')
  expect(await strand('import', 'empty.csv', '--project', project)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^empty\.csv .*\n$/),
  })
  expect(objects((await strand('datasets', '--project', project, '--json')).stdout)).toEqual([])
})

test('an import is told as a recipe and as a report, and done again by its recipe', async () => {
  writeFileSync(join(home, 'series.csv'), 'date;flow;note\n2020-01-01;1,5;a\n2020-01-02;;b\n2020-01-03;2,5;c\n')
  const own = join(home, 'own')
  const first = await strand('import', 'series.csv', '--project', own, '--missing', 'linear', '--role', 'note=ignore', '--json')
  expect(last(first, 'dataset')).toMatchObject({
    records: 1,
    recipe: { options: { missing: 'linear', table: { roles: { note: 'ignore' } } } },
  })
  const file = join(home, 'series.recipe.json')
  expect(await strand('recipe', '--dataset', 'series', '--project', own, '--out', file)).toMatchObject({ code: 0, stderr: '' })
  expect((await strand('recipe', '--dataset', 'series', '--project', own, '--out', file)).stderr).toContain('is there already')
  const again = await strand('import', '--recipe', file, '--project', own, '--json')
  expect(last(again, 'dataset').contentHash).toBe(last(first, 'dataset').contentHash)
  const report = await strand('report', '--dataset', '1', '--project', own)
  expect(report.stdout).toContain('severity,file,line,byte,reason\n')
  expect(report.stdout).toContain('1 of 3 values is missing; it lies on the line between its neighbours')
  expect(await strand('import', '--project', own)).toMatchObject({ code: 1, stderr: expect.stringContaining('No file was given.') })
})

test('import, train, evaluate, generate, export: the whole way', async () => {
  const imported = await strand('import', text, '--project', project, '--name', 'rhyme', '--json')
  expect(imported).toMatchObject({ code: 0, stderr: '' })
  expect(last(imported, 'dataset')).toMatchObject({ id: 1, name: 'rhyme', domain: 'text' })
  expect((await strand('datasets', '--project', project)).stdout).toMatch(/rhyme +text/)

  const trained = await strand(...train('first', 30))
  expect(trained).toMatchObject({ code: 0, stderr: '' })
  expect(last(trained, 'run')).toMatchObject({ id: 1, state: 'done', step: 30, steps: 30, checkpointStep: 30 })
  const losses = objects(trained.stdout)
    .filter(({ type }) => type === 'metrics')
    .map(({ trainLoss }) => trainLoss as number)
  expect(losses.at(-1)).toBeLessThan(losses[0])
  expect((await strand('runs', '--project', project)).stdout).toMatch(/first +rhyme.*done +30\/30/)

  const evaluated = await strand('evaluate', '--run', 'first', '--project', project, '--json')
  expect(evaluated).toMatchObject({ code: 0, stderr: '' })
  expect(last(evaluated, 'evaluation')).toMatchObject({ runId: 1, split: 'test', unit: expect.stringContaining('per character') })

  const generate = ['generate', '--run', '1', '--project', project, '--prompt', 'Twinkle', '--length', '40', '--seed', '3']
  const generated = await strand(...generate)
  expect(generated).toMatchObject({ code: 0, stderr: '' })
  expect(generated.stdout).toMatch(/^Twinkle/)
  expect(generated.stdout.length).toBe('Twinkle'.length + 40 + 1)
  expect((await strand(...generate)).stdout).toBe(generated.stdout)

  const out = join(home, 'weights')
  const exported = await strand('export', '--run', '1', '--out', out, '--project', project, '--json')
  expect(exported).toMatchObject({ code: 0, stderr: '' })
  expect(last(exported, 'export')).toMatchObject({ selfTest: { passed: true } })
  expect(readdirSync(out)).toEqual(expect.arrayContaining(['model.safetensors', 'strand.json', 'config.json']))
  expect((await strand('export', '--run', '1', '--out', out, '--project', project)).code).toBe(1)
  expect(await strand('resume', '--run', '1', '--project', project)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has taken all of its 30 steps'),
  })
}, 180_000)

test('what does not fit the data is refused before a run is made', async () => {
  expect(await strand('train', '--project', project, '--dataset', 'nobody')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no dataset "nobody"'),
  })
  expect(await strand('train', '--project', project, '--dataset', 'rhyme', '--preset', 'nothing')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no preset "nothing"'),
  })
  expect(await strand('train', '--project', project, '--dataset', 'rhyme', '--set', 'model.d_modle=3')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('d_modle'),
  })
  expect(await strand('generate', '--run', 'nobody', '--project', project)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no run "nobody"'),
  })
  expect(objects((await strand('runs', '--project', project, '--json')).stdout)).toHaveLength(1)
})

test('Ctrl-C stops a run with a checkpoint, and resume takes it to its end', async () => {
  const running = start(...train('stopped', 6000))
  await running.printed('metrics')
  // to the command alone or to the whole group, as a terminal does: the workers leave it to their parent
  running.child.kill('SIGINT')
  const stopped = await running.done
  expect(stopped).toMatchObject({ code: 0, stderr: '' })
  const run = last(stopped, 'run') as { state: string; step: number; checkpointStep: number }
  expect(run.state).toBe('stopped')
  expect(run.step).toBeLessThan(6000)
  expect(run.checkpointStep).toBe(run.step)

  const resumed = await strand('resume', '--run', 'stopped', '--project', project, '--json')
  expect(resumed.code).toBe(0)
  expect(last(resumed, 'run')).toMatchObject({ state: 'done', step: 6000 })
}, 180_000)

/** The compute process that a command started. */
function computeOf(parent: number): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'latin1') : ''
    const isChild = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(parent)
    if (isChild && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('compute.worker')) return Number(pid)
  }
  throw new Error('no compute process')
}

test.skipIf(process.platform !== 'linux')(
  'when the compute process is killed the run is interrupted, says so, and resumes from its checkpoint',
  async () => {
    const running = start(...train('killed', 1_000_000), 'training.checkpoint_seconds=1')
    await running.printed('progress', ({ checkpointStep }) => checkpointStep !== null)
    process.kill(computeOf(running.child.pid as number), 'SIGKILL')
    const killed = await running.done
    expect(killed).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^The training process ended unexpectedly \(SIGKILL\)\. Resume continues from the last checkpoint\.\n$/,
      ),
    })
    const run = last(killed, 'run') as { id: number; state: string; checkpointStep: number }
    expect(run.state).toBe('interrupted')
    expect(run.checkpointStep).toBeGreaterThan(0)

    const resumed = start('resume', '--run', 'killed', '--project', project, '--json')
    expect((await resumed.printed('metrics')).step).toBeGreaterThan(run.checkpointStep)
    resumed.child.kill('SIGINT')
    const stopped = await resumed.done
    expect(stopped.code).toBe(0)
    expect(last(stopped, 'run')).toMatchObject({ state: 'stopped', message: null })
  },
  180_000,
)

test('while one Strand trains, another reads the project and is told who may write', async () => {
  const running = start(...train('long', 100_000))
  await running.printed('metrics')
  const listed = await strand('runs', '--project', project, '--json')
  expect(objects(listed.stdout)).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'long', state: 'running' })]))
  expect(await strand(...train('second', 5))).toMatchObject({ code: 1, stderr: expect.stringContaining(`(process ${running.child.pid})`) })

  // the power goes: nothing is saved, and the next start says what happened
  running.child.kill('SIGKILL')
  await running.done
  const after = objects((await strand('runs', '--project', project, '--json')).stdout).find(({ name }) => name === 'long')
  expect(after).toMatchObject({ state: 'interrupted', message: expect.stringContaining('Resume continues') })
}, 180_000)
