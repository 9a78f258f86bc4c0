import { mamba } from './mamba.ts'
import type { Mixer } from './mixer.ts'
import { s4d } from './s4d.ts'

/** Every mixer by the name that configurations use. */
export const mixers: Readonly<Record<string, Mixer>> = { mamba: mamba as unknown as Mixer, s4d: s4d as unknown as Mixer }
