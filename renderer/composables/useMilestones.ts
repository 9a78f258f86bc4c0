import { watch } from 'vue'
import { score } from '../format/numbers.ts'
import { runStates } from '../format/runStates.ts'
import { useRuns } from '../stores/runs.store.ts'
import { useToasts } from '../stores/toasts.store.ts'

/** Says aloud what a watcher would notice: every tenth of a run, a validation result, a change of state. */
export function useMilestones(): void {
  const runs = useRuns()
  const toasts = useToasts()
  const last = new Map<number, { state: string; tenth: number; validation: number | null }>()
  watch(
    () => runs.list,
    (list) => {
      for (const run of list) {
        const now = { state: run.state, tenth: Math.floor((run.step / Math.max(1, run.steps)) * 10), validation: run.validationLoss }
        const before = last.get(run.id)
        last.set(run.id, now)
        if (!before) continue
        if (before.state !== now.state)
          toasts.announce(`${run.name}: ${runStates[run.state].word.toLowerCase()}${run.message ? `. ${run.message}` : ''}`)
        else if (before.tenth !== now.tenth) toasts.announce(`${run.name}: ${now.tenth * 10} percent`)
        else if (before.validation !== now.validation && now.validation !== null)
          toasts.announce(`${run.name}: validation ${score(now.validation * run.metric.scale)} ${run.metric.unit} at step ${run.step}`)
      }
    },
  )
}
