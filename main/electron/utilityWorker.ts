import { utilityProcess } from 'electron'
import { workerFlags } from '../../datasets/workerFlags.ts'
import { workerFile } from '../workers/files.ts'
import type { FromWorker, SpawnWorker } from '../workers/messages.ts'

/** Workers as Electron's utility processes. */
export const utilityWorker: SpawnWorker = (kind) => {
  const child = utilityProcess.fork(workerFile(kind), [], { serviceName: `Strand ${kind}`, execArgv: workerFlags(kind) })
  return {
    get pid() {
      return child.pid
    },
    post: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', (message: FromWorker) => listener(message)),
    onExit: (listener) => void child.on('exit', (code) => listener(`exit code ${code}`)),
    kill: () => void child.kill(),
  }
}
