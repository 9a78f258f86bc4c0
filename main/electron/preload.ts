import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { IpcRendererEvent } from 'electron'
import type { Bridge } from '../contract/calls.ts'
import type { StrandErrorShape } from '../contract/errors.ts'

type Envelope = { ok: unknown } | { error: StrandErrorShape }

const bridge = {
  front: 'electron',
  async call(name: string, input: unknown) {
    const outcome = (await ipcRenderer.invoke('call', name, input)) as Envelope
    if ('ok' in outcome) return outcome.ok
    // only an error's message crosses the context bridge; a plain object crosses whole
    throw outcome.error
  },
  on(name: string, listener: (payload: unknown) => void) {
    const hear = (_event: IpcRendererEvent, event: string, payload: unknown): void => {
      if (event === name) listener(payload)
    }
    ipcRenderer.on('event', hear)
    return () => void ipcRenderer.off('event', hear)
  },
  pathForFile: async (file: File) => webUtils.getPathForFile(file),
}

contextBridge.exposeInMainWorld('strand', bridge as unknown as Bridge)
