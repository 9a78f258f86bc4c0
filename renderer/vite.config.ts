import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/** The window alone, for the browser front and for work on the screens. The Electron build reads the same folder. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [vue()],
  build: { outDir: '../out/renderer', emptyOutDir: true, chunkSizeWarningLimit: 1200 },
})
