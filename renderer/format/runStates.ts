import type { RunState } from '../../main/contract/run.ts'

/** The word and the class of each state. */
export const runStates: Record<RunState, { word: string; kind: 'run' | 'done' | 'warn' | 'fail' | 'idle' }> = {
  queued: { word: 'Waiting', kind: 'idle' },
  running: { word: 'Running', kind: 'run' },
  paused: { word: 'Paused', kind: 'warn' },
  stopped: { word: 'Stopped', kind: 'idle' },
  done: { word: 'Done', kind: 'done' },
  failed: { word: 'Failed', kind: 'fail' },
  interrupted: { word: 'Interrupted', kind: 'warn' },
}

export const canResume = (state: RunState): boolean => state === 'paused' || state === 'stopped' || state === 'interrupted'
export const isLive = (state: RunState): boolean => state === 'queued' || state === 'running' || state === 'paused'
