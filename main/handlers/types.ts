import type { CallName, Input, Output } from '../contract/calls.ts'

export type Handlers = { [K in CallName]: (input: Input<K>) => Output<K> | Promise<Output<K>> }
