import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Sample } from './timing.ts'

/** Another program that does the same work (a script in peers/), as a child process. */
export class Peer<Facts> {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  /** What it said first. */
  readonly facts: Facts
  /** Megabytes by which the first work asked for made its memory grow at most; null until then, and where the system does not tell. */
  peakMB: number | null = null

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, facts: Facts) {
    this.#child = child
    this.#lines = lines
    this.facts = facts
  }

  /** Null where it does not start. */
  static async start<Facts>(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Peer<Facts> | null> {
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'ignore'] })
    const failed = new Promise<null>((resolve) => child.once('error', () => resolve(null)).once('exit', () => resolve(null)))
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const first = await Promise.race([lines.next(), failed])
    return first && !first.done ? new Peer(child, lines, JSON.parse(first.value) as Facts) : null
  }

  /** Wall and processor milliseconds of each of n repetitions. */
  async run(what: string, n: number): Promise<Sample[]> {
    this.#child.stdin!.write(`${JSON.stringify({ what, n })}\n`)
    const { value, done } = await this.#lines.next()
    if (done) throw new Error(`a peer ended unexpectedly at "${what}"`)
    const { ms, cpu, peak } = JSON.parse(value) as { ms: number[]; cpu: number[]; peak: number | null }
    this.peakMB ??= peak
    return ms.map((wall, i) => ({ wall, cpu: cpu[i] }))
  }

  close(): void {
    this.#child.stdin!.end()
  }
}

export interface TorchFacts {
  readonly torch: string
  readonly threads: number
  readonly parameters: number
}

/** PyTorch; null where no Python with torch is found. */
export const openTorch = (threads: number, name = 'mamba_torch.py'): Promise<Peer<TorchFacts> | null> =>
  Peer.start(process.env.STRAND_TORCH_PYTHON ?? 'python3', [fileURLToPath(new URL(`peers/${name}`, import.meta.url))], {
    ...process.env,
    OMP_NUM_THREADS: String(threads),
  })
