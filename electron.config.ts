import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'

/** Native packages stay packages; everything else of ours and of the bundled tools becomes part of the bundle. */
const external = ['electron', 'better-sqlite3', 'webgpu', /^node:/]

export default defineConfig({
  main: {
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
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
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
