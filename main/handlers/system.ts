import { availableParallelism, cpus, totalmem } from 'node:os'
import { isAbsolute, relative } from 'node:path'
import type { CoreContext } from '../core/core.ts'
import { StrandError } from '../core/errors.ts'
import { VERSION } from '../core/version.ts'
import type { Handlers } from './types.ts'

export function systemHandlers({ front, desktop, user, compute, projects }: CoreContext) {
  return {
    'app/info': () => ({
      version: VERSION,
      front,
      platform: `${process.platform} ${process.arch}`,
      node: process.version,
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      threads: availableParallelism(),
      memoryBytes: totalmem(),
    }),
    'system/doctor': (input) => compute.request('doctor', { remeasure: input?.remeasure ?? false }),
    'system/settings': (change) => user.settings(change ?? {}),
    'system/reveal': ({ path }) => {
      if (!desktop) return false
      const inside = relative(projects.folder, path)
      if (inside.startsWith('..') || isAbsolute(inside)) {
        throw new StrandError('bad-input', 'Only what lies in the open project can be shown in the file manager.', { path })
      }
      return desktop.reveal(path)
    },
    'system/choose-folder': ({ title }) => desktop?.chooseFolder(title) ?? null,
  } satisfies Partial<Handlers>
}
