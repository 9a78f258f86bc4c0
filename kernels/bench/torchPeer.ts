import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Sample } from './timing.ts'

/** A PyTorch peer (a script in peers/) as a child process; null where no Python with torch is found. */
export class TorchPeer {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly facts: { torch: string; threads: number; parameters: number }
  /** Megabytes by which the first work asked for made its memory grow at most; null until then, and where the system does not tell. */
  peakMB: number | null = null

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, facts: TorchPeer['facts']) {
    this.#child = child
    this.#lines = lines
    this.facts = facts
  }

  static async open(
    threads: number,
    name = 'mamba_torch.py',
    python = process.env.STRAND_TORCH_PYTHON ?? 'python3',
  ): Promise<TorchPeer | null> {
    const script = fileURLToPath(new URL(`peers/${name}`, import.meta.url))
    const child = spawn(python, [script], { env: { ...process.env, OMP_NUM_THREADS: String(threads) }, stdio: ['pipe', 'pipe', 'ignore'] })
    const failed = new Promise<null>((resolve) => child.once('error', () => resolve(null)).once('exit', () => resolve(null)))
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const first = await Promise.race([lines.next(), failed])
    return first && !first.done ? new TorchPeer(child, lines, JSON.parse(first.value)) : null
  }

  /** Wall and processor milliseconds of each of n repetitions. */
  async run(what: string, n: number): Promise<Sample[]> {
    this.#child.stdin!.write(`${JSON.stringify({ what, n })}\n`)
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('the PyTorch peer ended unexpectedly')
    const { ms, cpu, peak } = JSON.parse(value) as { ms: number[]; cpu: number[]; peak: number | null }
    this.peakMB ??= peak
    return ms.map((wall, i) => ({ wall, cpu: cpu[i] }))
  }

  close(): void {
    this.#child.stdin!.end()
  }
}
