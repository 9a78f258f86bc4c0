import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

/**
 * Source files name what they need beside them as new URL('./file', import.meta.url): threads, WebAssembly, shaders, data.
 * Run from source that just works. In the bundle a thread becomes an entry of its own and any other file an asset.
 */
function filesBesideTheSource(): Plugin {
  return {
    name: 'strand:files-beside-the-source',
    async transform(code, id) {
      if (!/\.ts$/.test(id) || !code.includes('import.meta.url')) return null
      const pattern = /new URL\(\s*'(\.{1,2}\/[^']+\.\w+)',\s*import\.meta\.url\s*\)/g
      let changed = code
      for (const [text, relative] of code.matchAll(pattern)) {
        const file = fileURLToPath(new URL(relative, `file://${id}`))
        const reference = file.endsWith('.ts')
          ? this.emitFile({ type: 'chunk', id: file })
          : this.emitFile({ type: 'asset', originalFileName: file, name: relative.split('/').at(-1), source: await this.fs.readFile(file) })
        changed = changed.replace(text, `new URL(import.meta.ROLLUP_FILE_URL_${reference})`)
      }
      return changed === code ? null : { code: changed, map: null }
    },
  }
}

/** Native packages stay packages; everything else of ours and of the bundled tools becomes part of the bundle. */
const external = ['electron', 'better-sqlite3', 'webgpu', /^node:/]

export default defineConfig({
  main: {
    plugins: [filesBesideTheSource()],
    build: {
      outDir: 'out/main',
      target: 'node24',
      minify: false,
      rollupOptions: {
        input: {
          electron: 'main/electron/main.ts',
          'data.worker': 'main/workers/data.worker.ts',
          'compute.worker': 'main/workers/compute.worker.ts',
        },
        external,
        // one folder: the workers are found beside whichever file starts them
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js', assetFileNames: '[name]-[hash][extname]' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: { input: { preload: 'main/electron/preload.ts' }, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
  renderer: {
    root: 'renderer',
    base: './',
    plugins: [vue()],
    build: { outDir: 'out/renderer', emptyOutDir: true, rollupOptions: { input: 'renderer/index.html' } },
  },
})
