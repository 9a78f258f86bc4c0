// Makes `electron` the stand-in for the built main: node --import ./e2e/electron-standin/register.mjs out/main/electron.js
import { registerHooks } from 'node:module'

const standin = new URL('./electron.mjs', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) => (specifier === 'electron' ? { url: standin, shortCircuit: true } : next(specifier, context)),
})
