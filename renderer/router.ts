import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    /** The word in the rail and the crumb. */
    title: string
    /** The view has an inspector at the right. */
    inspector?: boolean
    /** The view has a list at the left, which is a button when it is narrow. */
    list?: boolean
    /** What the id in the path names. */
    names?: 'dataset' | 'run'
  }
}

export const routes: RouteRecordRaw[] = [
  { path: '/', name: 'home', component: () => import('./views/HomeView.vue'), meta: { title: 'Home' } },
  {
    path: '/data/:id?',
    name: 'data',
    component: () => import('./views/DataView.vue'),
    meta: { title: 'Data', list: true, inspector: true, names: 'dataset' },
  },
  {
    path: '/models',
    name: 'models',
    component: () => import('./views/ModelsView.vue'),
    meta: { title: 'Models', list: true, inspector: true },
  },
  {
    path: '/train/:id?',
    name: 'train',
    component: () => import('./views/TrainView.vue'),
    meta: { title: 'Train', list: true, inspector: true, names: 'run' },
  },
  { path: '/runs', name: 'runs', component: () => import('./views/RunsView.vue'), meta: { title: 'Runs' } },
  {
    path: '/evaluate/:id?',
    name: 'evaluate',
    component: () => import('./views/EvaluateView.vue'),
    meta: { title: 'Evaluate', list: true, names: 'run' },
  },
  {
    path: '/generate/:id?',
    name: 'generate',
    component: () => import('./views/GenerateView.vue'),
    meta: { title: 'Generate', inspector: true, names: 'run' },
  },
  {
    path: '/export/:id?',
    name: 'export',
    component: () => import('./views/ExportView.vue'),
    meta: { title: 'Export', list: true, names: 'run' },
  },
  {
    path: '/settings/:section?',
    name: 'settings',
    component: () => import('./views/SettingsView.vue'),
    meta: { title: 'Settings', list: true },
  },
  { path: '/:rest(.*)*', redirect: '/' },
]

export const router = createRouter({ history: createWebHashHistory(), routes })

/** The ids in paths are numbers of ours; anything else is no id. */
export function idOf(param: unknown): number | null {
  const id = Number(param)
  return Number.isInteger(id) && id > 0 ? id : null
}
