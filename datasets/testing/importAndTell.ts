// A process to be killed: opens the project, says so, imports or generates what it is told, and says when it is done.
import { importFiles } from '../importing/importFiles.ts'
import { openProject } from '../store/store.ts'
import { synthesise, type SyntheticRequest } from '../synthetic/synthesise.ts'
import type { ImportOptions } from '../../main/contract/importing.ts'

export interface Work {
  folder: string
  paths?: string[]
  options?: ImportOptions
  synthetic?: SyntheticRequest
}

process.on('message', (message) => {
  const { folder, paths, options = {}, synthetic } = message as Work
  const store = openProject(folder)
  process.send!('started')
  const work = synthetic ? synthesise(store, synthetic) : importFiles(store, { paths: paths!, options })
  work.then(
    () => process.send!('done', () => process.exit(0)),
    (error: Error) => process.send!(`failed: ${error.message}`, () => process.exit(1)),
  )
})
