import { fork } from 'node:child_process'
import type { FromWorker, SpawnWorker } from './messages.ts'
import { workerFile } from './files.ts'

/** Workers as plain Node processes: the browser front and the command line. */
export const forkWorker: SpawnWorker = (kind) => {
  const child = fork(workerFile(kind), [], {
    // structured clone, as between Electron's processes
    serialization: 'advanced',
    // a worker's stdout must not mix with the one JSON object a line of the command line
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
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
