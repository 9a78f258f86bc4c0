import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  test: {
    include: ['{main,renderer,kernels,datasets,projects}/**/*.test.ts'],
    // Two cores: more files at once only make each slower, and the CPU backend brings its own threads.
    maxWorkers: 2,
    testTimeout: 60_000,
  },
})
