import { Option, type Command } from 'commander'
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { GeneratedChunk } from '../../contract/generation.ts'
import type { Evaluation, ExportResult } from '../../contract/run.ts'
import { table } from '../output.ts'
import { findRun, listen, runJob, withCore, type CommonOptions, type Session } from '../session.ts'
import { integer, number, positive } from '../values.ts'
import { wavFile } from '../wav.ts'

interface RunFlags extends CommonOptions {
  run: string
}
interface GenerateFlags extends RunFlags {
  prompt?: string
  suffix?: string
  length: number
  temperature: number
  topK?: number
  topP?: number
  seed: number
  channel?: number
  out?: string
}

export function resultCommands(program: Command): void {
  const command = (name: string, text: string): Command =>
    program
      .command(name)
      .description(text)
      .requiredOption('--run <id or name>')
      .option('--project <folder>')
      .option('--json', 'one JSON object a line')

  command('evaluate', 'score a run on held-out records, beside its baseline')
    .addOption(new Option('--split <split>', 'which records').choices(['validation', 'test']).default('test'))
    .action((flags: RunFlags & { split: 'validation' | 'test' }) =>
      withCore(flags, 'project', async (session) => {
        const { id } = await findRun(session.core, flags.run)
        const evaluation = (await runJob(session, 'run/evaluate', { runId: id, split: flags.split })) as Evaluation
        session.output.object('evaluation', evaluation)
        session.output.line(evaluation.sentence)
        for (const { name, value } of evaluation.also) session.output.line(`  ${name}: ${value.toFixed(4)}`)
        for (const { name, value } of evaluation.baselines)
          session.output.line(`  baseline, ${name}: ${value.toFixed(4)} ${evaluation.unit}`)
        if (evaluation.byLength)
          session.output.line(
            table(
              ['length', 'records', '% right', '% without a mistake', '% last right'],
              evaluation.byLength.map(({ from, to, records, value, exact, last }) => [
                from === to ? `${from}` : `${from} to ${to}`,
                records,
                value.toFixed(1),
                exact.toFixed(1),
                last.toFixed(1),
              ]),
            ),
          )
      }),
    )

  command('generate', 'continue a prompt from the state of the model')
    .option('--prompt <text>', 'text or bases to begin from')
    .option('--suffix <text>', 'what stands behind the gap; only for a model trained with the infill objective')
    .option('--length <count>', 'how many tokens', positive, 200)
    .option('--temperature <value>', '0 takes the likeliest each time', number, 0.8)
    .option('--top-k <count>', 'choose among so many', positive)
    .option('--top-p <share>', 'choose among the likeliest that are together so probable', number)
    .option('--seed <number>', 'the same seed gives the same result', integer, 1)
    .option('--channel <index>', 'series: which channel to print', integer)
    .option('--out <file>', 'audio: the WAV file to write')
    .action((flags: GenerateFlags) => withCore(flags, 'project', (session) => generate(session, flags)))

  command('export', 'write weights, configuration, tokenizer and card to a folder, and prove them')
    .option('--out <folder>', 'default: exports/ in the project')
    .addOption(new Option('--format <format>', 'how the weights are written').choices(['safetensors']).default('safetensors'))
    .action((flags: RunFlags & { out?: string }) =>
      withCore(flags, 'project', async (session) => {
        const { id } = await findRun(session.core, flags.run)
        const folder = flags.out === undefined ? undefined : resolve(flags.out)
        const result = (await runJob(session, 'run/export', { runId: id, folder })) as ExportResult
        session.output.object('export', result)
        session.output.line(`Wrote ${result.files.map(({ name }) => name).join(', ')} to ${result.folder}.`)
        session.output.line(result.selfTest.sentence)
      }),
    )
}

async function generate(session: Session, flags: GenerateFlags): Promise<void> {
  const { core, output } = session
  const { id } = await findRun(core, flags.run)
  const sound: Buffer[] = []
  let sampleRate = 0
  let series: GeneratedChunk['series']
  if (flags.prompt) output.text(flags.prompt)
  const stop = listen(core, 'generate/chunk', (chunk) => {
    output.object('chunk', chunk)
    if (chunk.text !== undefined) output.text(chunk.text)
    if (chunk.pcm16 !== undefined) sound.push(Buffer.from(chunk.pcm16, 'base64'))
    sampleRate = chunk.sampleRate ?? sampleRate
    series = chunk.series ?? series
  })
  const { prompt, suffix, length, temperature, topK, topP, seed, channel } = flags
  const result = await runJob(session, 'run/generate', { runId: id, prompt, suffix, length, temperature, topK, topP, seed, channel })
  stop()
  if (series)
    output.line(
      [series.channels.join(','), ...series.forecast[0].map((_, t) => series?.forecast.map((values) => values[t]).join(','))].join('\n'),
    )
  else output.text('\n')
  if (sound.length > 0) {
    const file = resolve(flags.out ?? `run-${id}.wav`)
    writeFileSync(file, wavFile(Buffer.concat(sound), sampleRate))
    output.line(`Wrote ${file}.`)
  }
  output.object('generated', result as object)
}
