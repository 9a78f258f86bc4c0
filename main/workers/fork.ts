import { fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { FromWorker, SpawnWorker } from './messages.ts'
import { workerFlags } from '../../datasets/workerFlags.ts'
import { workerFile } from './files.ts'

/** What the graphics libraries print where there is no GPU; "strand doctor" says the same in words. */
const CHATTER = ["Couldn't load Vulkan", 'third_party/dawn', 'XDG_RUNTIME_DIR']

/** Workers as plain Node processes: the browser front and the command line. */
export const forkWorker: SpawnWorker = (kind) => {
  const child = fork(workerFile(kind), [], {
    // structured clone, as between Electron's processes
    serialization: 'advanced',
    // a worker's stdout must not mix with the one JSON object a line of the command line
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning', ...workerFlags(kind)],
  })
  const hear = (line: string): void => {
    if (line.trim() !== '' && !CHATTER.some((part) => line.includes(part))) console.error(line)
  }
  if (child.stderr) createInterface({ input: child.stderr }).on('line', hear)
  return {
    pid: child.pid,
    post: (message) => {
      if (child.connected) child.send(message)
    },
    onMessage: (listener) => void child.on('message', (message) => listener(message as FromWorker)),
    onExit: (listener) => {
      child.on('exit', (code, signal) => listener(signal ?? `exit code ${code}`))
    },
    kill: () => void child.kill('SIGKILL'),
  }
}
