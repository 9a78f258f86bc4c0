import { shallowRef, watch, type ShallowRef } from 'vue'
import type { Bridge, CallName, EventName, Events, Input, Output } from '../../main/contract/calls.ts'
import { asCallError } from './callError.ts'
import { webBridge, type Wire } from './webBridge.ts'

const bridge: Bridge & { readonly connected?: ShallowRef<boolean> } =
  window.strand ?? webBridge(() => new WebSocket(`${location.origin.replace('http', 'ws')}/rpc`) as unknown as Wire)

export const front = bridge.front

/** False while the core does not answer. The Electron window lives and dies with its core, so there it is always true. */
export const connected: ShallowRef<boolean> = bridge.connected ?? shallowRef(true)

/** Asks the core. Rejects with a CallError. */
export async function call<K extends CallName>(name: K, ...input: Input<K> extends void ? [] : [Input<K>]): Promise<Output<K>> {
  try {
    return await bridge.call(name, input[0] as Input<K>)
  } catch (thrown) {
    throw asCallError(thrown)
  }
}

export const on = <E extends EventName>(name: E, listener: (payload: Events[E]) => void): (() => void) => bridge.on(name, listener)

export const pathForFile = (file: File, onProgress?: (fraction: number) => void): Promise<string> => bridge.pathForFile(file, onProgress)

/** Runs when the core answers again after it did not: what was shown may be old. */
export function onReconnect(refetch: () => void): () => void {
  return watch(connected, (now, before) => {
    if (now && !before) refetch()
  })
}
