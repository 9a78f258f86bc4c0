export interface GenerateRequest {
  runId: number
  /** text and DNA: the prompt; audio: seconds of a record as prompt are not supported yet; series: ignored (continues the test split). */
  prompt?: string
  /** Of an infilling model: what stands behind the gap that is written. */
  suffix?: string
  length: number
  temperature: number
  topK?: number | null
  /** Choose among the fewest likeliest tokens that together are at least so probable; all when absent. */
  topP?: number | null
  seed: number
  /** series: channel index for the picture */
  channel?: number
}

export interface GeneratedChunk {
  jobId: string
  /** Position of the first new token. */
  start: number
  text?: string
  /** −log2 p of each new token, for surprise shading. */
  bits?: number[]
  /** audio: base64 of Int16 little endian */
  pcm16?: string
  sampleRate?: number
  series?: { channels: string[]; history: (number | null)[][]; forecast: number[][]; truth: (number | null)[][] }
  done: boolean
  tokensPerSecond: number
}
