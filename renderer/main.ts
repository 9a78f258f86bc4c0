import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { router } from './router.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/regions.css'
import './styles/controls.css'
import './styles/readouts.css'
import './styles/overlays.css'

createApp(App).use(createPinia()).use(router).mount('#app')
