import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Sample } from '../../main/contract/dataset.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { StrandError } from '../errors.ts'

export interface BundledSample {
  sample: Omit<Sample, 'datasetId'>
  /** What importFiles is given. */
  paths: string[]
  options: ImportOptions
}

interface Entry extends Omit<Sample, 'datasetId' | 'bytes'> {
  files: string[]
  options: ImportOptions
}

/** Source and licence of each are told in full in SAMPLES.md. */
const ENTRIES: readonly Entry[] = [
  {
    id: 'lambda',
    name: 'Lambda phage genome',
    domain: 'genomics',
    detail: '48,502 bases of one complete virus genome',
    licence: 'Public NCBI record',
    source: 'GenBank NC_001416.1, from the Debian package bowtie2-examples',
    files: ['lambda.fa.gz'],
    options: {},
  },
  {
    id: 'guitar-and-piano',
    name: 'Guitar and piano',
    domain: 'audio',
    detail: 'Five recordings, 27 seconds, mono, 16 kHz',
    licence: 'CC0 1.0',
    source: 'npm supersonic-scsynth-samples 0.84.2, from Freesound',
    files: ['ambi_piano.wav', 'guit_e_fifths.wav', 'guit_e_slide.wav', 'guit_em9.wav', 'guit_harmonics.wav'].map(
      (file) => `guitar-and-piano/${file}`,
    ),
    options: {},
  },
  {
    id: 'seattle-hourly',
    name: 'Seattle weather by the hour',
    domain: 'timeseries',
    detail: 'Pressure, temperature and wind, 8,759 hours of a normal year',
    licence: 'US Government, public domain',
    source: 'NOAA climate normals, from npm vega-datasets 3.2.1',
    files: ['seattle-hourly-normals.csv'],
    options: {},
  },
  {
    id: 'tinyshakespeare',
    name: 'Tiny Shakespeare',
    domain: 'text',
    detail: '1,115,394 characters of plays, 65 symbols',
    licence: 'Public domain',
    source: 'Plays of William Shakespeare, in the selection of karpathy/char-rnn',
    files: ['tinyshakespeare.txt.gz'],
    // the split its published numbers use
    options: { split: { train: 0.9, validation: 0.1, test: 0 } },
  },
]

/** The samples in `folder`: this one in development, its copy beside a packaged app. */
export function bundledSamples(folder: string = import.meta.dirname): BundledSample[] {
  return ENTRIES.map(({ files, options, ...entry }) => {
    const paths = files.map((file) => join(folder, ...file.split('/')))
    const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0)
    return { sample: { ...entry, bytes }, paths, options: { ...options, name: entry.name } }
  })
}

export function findSample(id: string, folder?: string): BundledSample {
  const found = bundledSamples(folder).find(({ sample }) => sample.id === id)
  if (!found)
    throw new StrandError('not-found', `There is no sample "${id}". The samples are: ${ENTRIES.map((entry) => entry.id).join(', ')}.`, {
      id,
    })
  return found
}
