import { mamba } from './mamba.ts'
import type { Mixer } from './mixer.ts'

/** Every mixer by the name that configurations use. */
export const mixers: Readonly<Record<string, Mixer>> = { mamba: mamba as unknown as Mixer }
