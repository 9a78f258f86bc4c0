import type { DatasetSummary, Domain } from '../../main/contract/dataset.ts'
import { counted, thousands } from './numbers.ts'
import { duration } from './time.ts'

/** How each domain is named and coloured. `key` is the suffix of its classes (`dom-gen`, `tag gen`). */
export const domains: Record<Domain, { label: string; key: string; record: string }> = {
  genomics: { label: 'Genomics', key: 'gen', record: 'record' },
  audio: { label: 'Audio', key: 'aud', record: 'clip' },
  timeseries: { label: 'Time series', key: 'ser', record: 'series' },
  text: { label: 'Text', key: 'txt', record: 'document' },
}

/** "3 clips", "1 series", "12 series". */
export const countRecords = (domain: Domain, n: number): string =>
  domain === 'timeseries' ? `${thousands(n)} series` : counted(n, domains[domain].record)

/** The one line under a dataset's name: "1 record, 48,502 bases". */
export function datasetLine(dataset: Pick<DatasetSummary, 'domain' | 'records' | 'length' | 'unit' | 'facts'>): string {
  const { domain, records, length, unit, facts } = dataset
  const rate = Number(facts['sampleRate'] ?? facts['sample rate'] ?? facts['sample rate (Hz)'])
  if (domain === 'audio' && rate > 0) return `${countRecords(domain, records)}, ${duration(length / rate)}`
  const channels = Number(facts['channels'])
  if (domain === 'timeseries' && channels > 0) return `${counted(channels, 'channel')}, ${counted(length, 'row')}`
  if (unit === 'tokens') return `${counted(records, 'record')}, ${thousands(length)} tokens`
  if (domain === 'text' && records === 1) return `${thousands(length)} ${unit}`
  return `${countRecords(domain, records)}, ${thousands(length)} ${unit}`
}
