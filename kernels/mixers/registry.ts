import { attention, full_attention } from './attention.ts'
import { gru } from './gru.ts'
import { h3 } from './h3.ts'
import { long_conv } from './long_conv.ts'
import { lstm } from './lstm.ts'
import { mamba } from './mamba.ts'
import { mamba2 } from './mamba2.ts'
import type { Mixer } from './mixer.ts'
import { mlstm } from './mlstm.ts'
import { mlstm_large } from './mlstm_large.ts'
import { s4 } from './s4.ts'
import { s4d } from './s4d.ts'
import { s5 } from './s5.ts'
import { slstm } from './slstm.ts'

/** Every mixer by the name that configurations use. */
export const mixers: Readonly<Record<string, Mixer>> = {
  attention: attention as unknown as Mixer,
  full_attention: full_attention as unknown as Mixer,
  gru: gru as unknown as Mixer,
  h3: h3 as unknown as Mixer,
  long_conv: long_conv as unknown as Mixer,
  lstm: lstm as unknown as Mixer,
  mamba: mamba as unknown as Mixer,
  mamba2: mamba2 as unknown as Mixer,
  mlstm: mlstm as unknown as Mixer,
  mlstm_large: mlstm_large as unknown as Mixer,
  s4: s4 as unknown as Mixer,
  s4d: s4d as unknown as Mixer,
  s5: s5 as unknown as Mixer,
  slstm: slstm as unknown as Mixer,
}
