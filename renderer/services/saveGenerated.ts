import type { Domain } from '../../main/contract/dataset.ts'
import type { RunSummary } from '../../main/contract/run.ts'
import { toCsv } from '../charts/figure.ts'
import type { Generated } from '../stores/generation.store.ts'
import { wavOf } from './pcm.ts'
import { saveFile } from './saveFile.ts'

export const saveWord: Record<Domain, string> = { text: 'Save text', genomics: 'Save FASTA', audio: 'Save WAV', timeseries: 'Save CSV' }

/** The sample in the format its domain uses. */
export function saveGenerated(run: RunSummary, generated: Generated): void {
  const name = `${run.name}-seed-${generated.request.seed}`
  const whole = (generated.request.prompt ?? '') + generated.text
  if (run.domain === 'text') return saveFile(`${name}.txt`, whole)
  if (run.domain === 'audio') return saveFile(`${name}.wav`, wavOf(generated.samples, generated.sampleRate ?? 8000))
  if (run.domain === 'genomics') {
    const lines = whole.match(/.{1,70}/g) ?? []
    return saveFile(
      `${name}.fa`,
      `>${run.name} generated seed=${generated.request.seed} temperature=${generated.request.temperature}\n${lines.join('\n')}\n`,
    )
  }
  const { series } = generated
  if (!series) return
  const rows = Array.from({ length: series.forecast[0]?.length ?? 0 }, (_, i) => [i + 1, ...series.forecast.map((channel) => channel[i])])
  saveFile(`${name}.csv`, toCsv({ columns: ['row', ...series.channels], rows }), 'text/csv')
}
