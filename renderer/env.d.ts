import type { Bridge } from '../main/contract/calls.ts'

declare global {
  interface Window {
    /** Set by the Electron preload; absent in a browser. */
    readonly strand?: Bridge
  }
}
