import { Activity, Database, FolderOpen, FolderPlus, Keyboard, Package, PenLine, Play, Settings, SunMoon, Target } from '@lucide/vue'
import { computed, type ComputedRef } from 'vue'
import { useRouter } from 'vue-router'
import type { Command } from '../components/frame/commands.ts'
import { datasetLine } from '../format/domains.ts'
import { score } from '../format/numbers.ts'
import { runStates } from '../format/runStates.ts'
import { useApp } from '../stores/app.store.ts'
import { useDatasets } from '../stores/datasets.store.ts'
import { useRecipe } from '../stores/recipe.store.ts'
import { useRuns } from '../stores/runs.store.ts'
import { keyCap } from './useShortcuts.ts'

/** Everything the palette can do and open. */
export function useCommands({
  chooseFiles,
  newProject,
  showKeys,
}: {
  chooseFiles: () => void
  newProject: () => void
  showKeys: () => void
}): { commands: ComputedRef<Command[]> } {
  const router = useRouter()
  const app = useApp()
  const datasets = useDatasets()
  const runs = useRuns()
  const recipe = useRecipe()
  const go = (to: string) => () => void router.push(to)

  const commands = computed<Command[]>(() => {
    const trainable: Command[] = datasets.list.map((dataset) => ({
      id: `train-${dataset.id}`,
      group: 'Do',
      text: `Train on ${dataset.name}`,
      detail: datasetLine(dataset),
      icon: Play,
      run: () => {
        void recipe.choose(dataset.id)
        void router.push('/train')
      },
    }))
    const withWeights = runs.list.filter((run) => run.checkpointStep !== null).slice(0, 5)
    const usable: Command[] = withWeights.flatMap((run) => [
      { id: `evaluate-${run.id}`, group: 'Do', text: `Evaluate ${run.name}`, icon: Target, run: go(`/evaluate/${run.id}`) },
      { id: `generate-${run.id}`, group: 'Do', text: `Generate from ${run.name}`, icon: PenLine, run: go(`/generate/${run.id}`) },
      { id: `export-${run.id}`, group: 'Do', text: `Export ${run.name}`, icon: Package, run: go(`/export/${run.id}`) },
    ])
    return [
      { id: 'import', group: 'Do', text: 'Import files', key: keyCap('mod+O'), icon: FolderOpen, run: chooseFiles },
      ...trainable,
      ...usable,
      {
        id: 'theme',
        group: 'Do',
        text: app.theme === 'dark' ? 'Light theme' : 'Dark theme',
        icon: SunMoon,
        run: () => void app.toggleTheme(),
      },
      { id: 'project', group: 'Do', text: 'New project', icon: FolderPlus, run: newProject },
      { id: 'keys', group: 'Do', text: 'Shortcuts', key: '?', icon: Keyboard, run: showKeys },
      ...datasets.list.map((dataset): Command => ({
        id: `data-${dataset.id}`,
        group: 'Datasets',
        text: dataset.name,
        detail: datasetLine(dataset),
        icon: Database,
        run: go(`/data/${dataset.id}`),
      })),
      ...runs.list.map((run): Command => ({
        id: `run-${run.id}`,
        group: 'Runs',
        text: run.name,
        detail:
          run.bestValidationLoss === null
            ? runStates[run.state].word
            : `${score(run.bestValidationLoss * run.metric.scale)} ${run.metric.unit}`,
        icon: Activity,
        run: go(`/train/${run.id}`),
      })),
      { id: 'doctor', group: 'Go to', text: 'This machine', detail: 'adapters and self-test', icon: Settings, run: go('/settings') },
    ]
  })
  return { commands }
}
