import { defineStore } from 'pinia'
import { computed, shallowRef, watchEffect } from 'vue'
import type { AppInfo, ProjectInfo, Settings } from '../../main/contract/system.ts'
import { call, connected, front, on, onReconnect } from '../services/bridge.ts'
import { asCallError, type CallError } from '../services/callError.ts'

const darkSystem = matchMedia('(prefers-color-scheme: dark)')

/** The machine, the open project and how the window looks. */
export const useApp = defineStore('app', () => {
  const info = shallowRef<AppInfo | null>(null)
  const settings = shallowRef<Settings>({ theme: 'system', device: 'auto', singleKeyShortcuts: true })
  const project = shallowRef<ProjectInfo | null>(null)
  const recent = shallowRef<ProjectInfo[]>([])
  const error = shallowRef<CallError | null>(null)
  const systemIsDark = shallowRef(darkSystem.matches)
  const inspectorOpen = shallowRef(matchMedia('(min-width: 1200px)').matches)
  const theme = computed<'light' | 'dark'>(() => {
    if (settings.value.theme !== 'system') return settings.value.theme
    return systemIsDark.value ? 'dark' : 'light'
  })
  const isMac = navigator.userAgent.includes('Mac')

  async function load(): Promise<void> {
    try {
      const [machine, chosen, current, known] = await Promise.all([
        call('app/info'),
        call('system/settings'),
        call('project/current'),
        call('project/recent'),
      ])
      info.value = machine
      settings.value = chosen
      project.value = current
      recent.value = known
      error.value = null
    } catch (thrown) {
      error.value = asCallError(thrown)
    }
  }
  async function change(part: Partial<Settings>): Promise<void> {
    settings.value = { ...settings.value, ...part }
    settings.value = await call('system/settings', part)
  }
  const toggleTheme = (): Promise<void> => change({ theme: theme.value === 'dark' ? 'light' : 'dark' })
  async function openProject(path: string): Promise<void> {
    project.value = await call('project/open', { path })
    recent.value = await call('project/recent')
  }
  async function createProject(name: string): Promise<void> {
    project.value = await call('project/create', { name })
    recent.value = await call('project/recent')
  }

  darkSystem.addEventListener('change', (event) => (systemIsDark.value = event.matches))
  watchEffect(() => (document.documentElement.dataset.theme = theme.value))
  on('project/changed', (changed) => (project.value = changed))
  onReconnect(() => void load())

  return {
    info,
    settings,
    project,
    recent,
    error,
    theme,
    inspectorOpen,
    isMac,
    front,
    connected,
    load,
    change,
    toggleTheme,
    openProject,
    createProject,
  }
})
