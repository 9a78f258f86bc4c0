import { createInterface } from 'node:readline'

/**
 * The conversation of peer.py for a peer in JavaScript: {"what": name, "n": repetitions} on stdin, times in milliseconds on stdout.
 * `work` gives what a piece of work makes; `finish` waits until it is there and gives it back.
 */
export async function serve(facts, work, finish) {
  const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
  say({ ...facts, does: Object.keys(work) })
  for await (const line of createInterface({ input: process.stdin })) {
    const { what, n } = JSON.parse(line)
    const [ms, cpu] = [[], []]
    for (let k = 0; k < n; k++) {
      const [start, used] = [performance.now(), process.cpuUsage()]
      await finish(await work[what]())
      ms.push(performance.now() - start)
      const { user, system } = process.cpuUsage(used)
      cpu.push((user + system) / 1000)
    }
    say({ ms, cpu, peak: null })
  }
}
