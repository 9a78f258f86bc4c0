import type { Domain } from '../../../main/contract/dataset.ts'

export interface GenerateSettings {
  prompt: string
  temperature: number
  topK: number | null
  topP: number | null
  seed: number
  length: number
}

/** Where to start for each domain: a screen of text, a kilobase, two seconds of sound at 8 kHz. */
export const startSettings = (domain: Domain): GenerateSettings => ({
  prompt: '',
  temperature: domain === 'text' ? 0.8 : 1,
  topK: null,
  topP: null,
  seed: 7,
  length: { text: 600, genomics: 1024, audio: 16_000, timeseries: 96 }[domain],
})
