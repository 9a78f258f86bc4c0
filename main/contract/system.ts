export interface AppInfo {
  version: string
  front: 'electron' | 'web' | 'cli'
  platform: string
  node: string
  cpu: string
  threads: number
  memoryBytes: number
}

export interface Settings {
  theme: 'system' | 'light' | 'dark'
  device: 'auto' | 'webgpu' | 'cpu'
  singleKeyShortcuts: boolean
}

export interface ProjectInfo {
  path: string
  name: string
  datasets: number
  runs: number
  bytes: number
  openedAt: string // ISO 8601
}

/** Long work other than training: import, evaluation, generation, export. */
export interface Job {
  id: string
  kind: 'import' | 'evaluate' | 'generate' | 'export'
  title: string
  state: 'running' | 'done' | 'failed' | 'cancelled'
  /** 0..1, or null while the amount is unknown. */
  fraction: number | null
  /** What is happening, in words ("reading line 12,000"). */
  phase: string
  secondsLeft: number | null
  result?: unknown
  error?: { code: string; message: string; facts?: Record<string, string | number> }
}

export interface AdapterInfo {
  backend: 'webgpu' | 'cpu'
  name: string
  detail: string
  usable: boolean
  /** Why it will or will not be used. */
  reason: string
  limits: Record<string, number>
  features: string[]
}

export interface SelfTestCase {
  backend: 'webgpu' | 'cpu'
  op: string
  case: string
  /** Relative L2 error against the float64 reference. */
  error: number
  limit: number
  passed: boolean
}

export interface DoctorReport {
  /** What will be used and why, in plain words. */
  sentence: string
  chosen: 'webgpu' | 'cpu'
  adapters: AdapterInfo[]
  selfTest: SelfTestCase[]
  /** Measured training steps per second of a small model on each usable backend. */
  speed: { backend: 'webgpu' | 'cpu'; tokensPerSecond: number }[]
  /** Whether mixed precision can be used on the GPU, in a sentence; empty where there is no GPU. */
  halfPrecision: string
  /** Kernels whose variants were measured on the GPU, the variant in use first in name. */
  kernels: MeasuredKernel[]
}

export interface MeasuredKernel {
  op: string
  /** What it was measured for: "4096×2048 K1024 NT". */
  shape: string
  variant: string
  /** Milliseconds of the variant, and of the one that the rule would take; null where there was no time to measure. */
  ms: number | null
  ruleMs: number | null
  measuredAt: string // ISO 8601
}
