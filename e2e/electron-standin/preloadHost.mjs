/**
 * The page script that runs a sandboxed preload: `require('electron')` gives the three modules such a preload has,
 * and nothing else can be required. Everything exposed is copied and frozen, as the context bridge does.
 */
export const preloadScript = (source) => `(() => {
  const listeners = new Map()
  const of = (channel) => listeners.get(channel) ?? listeners.set(channel, new Set()).get(channel)
  window.__standinSend = (channel, args) => of(channel).forEach((listener) => listener({}, ...args))
  const electron = {
    contextBridge: { exposeInMainWorld: (key, api) => Object.defineProperty(window, key, { value: Object.freeze({ ...api }), writable: false }) },
    ipcRenderer: {
      invoke: async (channel, ...args) => {
        const answer = await window.__standinInvoke(channel, args)
        if ('error' in answer) throw new Error("Error invoking remote method '" + channel + "': " + answer.error)
        return answer.ok
      },
      on: (channel, listener) => of(channel).add(listener),
      off: (channel, listener) => of(channel).delete(listener),
    },
    webUtils: {
      // a page of Chromium has no path of a dropped file: the stand-in writes the bytes to one, in pieces
      getPathForFile: async (file) => {
        const path = await window.__standinFile(file.name)
        for (let start = 0; start < file.size; start += 1 << 20) {
          const bytes = new Uint8Array(await file.slice(start, start + (1 << 20)).arrayBuffer())
          let binary = ''
          for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192))
          await window.__standinBytes(path, btoa(binary))
        }
        return path
      },
    },
  }
  const require = (name) => {
    if (name !== 'electron') throw new Error('a sandboxed preload cannot require ' + name)
    return electron
  }
  ;((require, module, exports) => { ${source}\n })(require, { exports: {} }, {})
})()`
