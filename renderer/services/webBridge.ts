import { shallowRef, type ShallowRef } from 'vue'
import type { Bridge, CallName, EventName, Events, Input, Output } from '../../main/contract/calls.ts'
import { CallError } from './callError.ts'

/** The part of WebSocket that is used, so that a test can stand in for the wire. */
export interface Wire {
  onopen: (() => void) | null
  onclose: (() => void) | null
  onmessage: ((message: { data: unknown }) => void) | null
  send(text: string): void
}

interface Waiting {
  text: string
  resolve(value: unknown): void
  reject(error: CallError): void
}

const RETRY_MS = [250, 500, 1000, 2000]

/** Calls and events over one WebSocket: `{id,name,input}` out, `{id,ok}`, `{id,error}` or `{event,payload}` in. Reconnects by itself. */
export function webBridge(openWire: () => Wire): Bridge & { readonly connected: ShallowRef<boolean> } {
  const connected = shallowRef(false)
  const listeners = new Map<EventName, Set<(payload: never) => void>>()
  const sent = new Map<number, Waiting>()
  const unsent = new Map<number, Waiting>()
  let wire: Wire | null = null
  let nextId = 1
  let failures = 0

  function receive(text: string): void {
    const message = JSON.parse(text)
    if (message.event) {
      listeners.get(message.event)?.forEach((listener) => listener(message.payload as never))
      return
    }
    const waiting = sent.get(message.id)
    sent.delete(message.id)
    if (message.error) waiting?.reject(new CallError(message.error))
    else waiting?.resolve(message.ok)
  }

  function open(): void {
    const own = openWire()
    own.onopen = () => {
      wire = own
      failures = 0
      connected.value = true
      for (const [id, waiting] of unsent) {
        sent.set(id, waiting)
        own.send(waiting.text)
      }
      unsent.clear()
    }
    own.onmessage = ({ data }) => receive(String(data))
    own.onclose = () => {
      wire = null
      connected.value = false
      // whether the core did what was asked is unknown, so nothing is asked twice
      for (const waiting of sent.values())
        waiting.reject(
          new CallError({ code: 'worker-crashed', message: "Strand's core stopped answering; look whether it was done, then try again." }),
        )
      sent.clear()
      setTimeout(open, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)])
    }
  }
  open()

  return {
    front: 'web',
    connected,
    call<K extends CallName>(name: K, input: Input<K>): Promise<Output<K>> {
      return new Promise<Output<K>>((resolve, reject) => {
        const id = nextId++
        const waiting: Waiting = { text: JSON.stringify({ id, name, input }), resolve: (value) => resolve(value as Output<K>), reject }
        ;(wire ? sent : unsent).set(id, waiting)
        wire?.send(waiting.text)
      })
    },
    on<E extends EventName>(name: E, listener: (payload: Events[E]) => void): () => void {
      const own = listeners.get(name) ?? new Set()
      listeners.set(name, own)
      own.add(listener)
      return () => own.delete(listener)
    },
    pathForFile: uploadFile,
  }
}

/** Streams the file to the core, since a page may not know where it lies. Answers the path there. */
function uploadFile(file: File, onProgress?: (fraction: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', `/upload/${encodeURIComponent(file.name)}`)
    request.upload.onprogress = (event) => onProgress?.(event.lengthComputable ? event.loaded / event.total : 0)
    request.onload = () => {
      const answer = JSON.parse(request.responseText || '{}')
      if (request.status < 300) resolve(answer.path)
      else
        reject(
          new CallError(
            answer.error ?? { code: 'internal', message: `${file.name} could not be handed over (${request.status}); drop it again.` },
          ),
        )
    }
    request.onerror = () => reject(new CallError({ code: 'internal', message: `${file.name} could not be handed over; drop it again.` }))
    request.send(file)
  })
}
