import type { CoreContext } from '../core/core.ts'
import { datasetHandlers } from './dataset.ts'
import { exportHandlers } from './export.ts'
import { jobHandlers } from './job.ts'
import { modelHandlers } from './model.ts'
import { projectHandlers } from './project.ts'
import { runHandlers } from './run.ts'
import { sampleHandlers } from './sample.ts'
import { syntheticHandlers } from './synthetic.ts'
import { systemHandlers } from './system.ts'
import type { Handlers } from './types.ts'

export function createHandlers(context: CoreContext): Handlers {
  return {
    ...systemHandlers(context),
    ...projectHandlers(context),
    ...sampleHandlers(context),
    ...syntheticHandlers(context),
    ...datasetHandlers(context),
    ...modelHandlers(context),
    ...runHandlers(context),
    ...exportHandlers(context),
    ...jobHandlers(context),
  } satisfies Handlers
}
