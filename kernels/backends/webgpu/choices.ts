import type { Attributes } from '../../ops/op.ts'
import type { OpName } from '../../ops/names.ts'
import type { TensorType } from '../../tensor/tensor.ts'

/** Raised when a kernel changes so that what was measured before says nothing about it. */
export const KERNEL_VERSION = 2

/** What one kernel can be for given shapes. */
export interface Variants {
  /** What a measurement holds for: "4096×2048 K1024 NT". */
  readonly key: string
  /** Names the kernel knows its variants by; the first is what the rule takes. */
  readonly names: readonly string[]
  /** The one whose results the others must give. */
  readonly trusted: string
}

/** A variant that was measured, or taken by rule because time was up. */
export interface Choice {
  readonly op: OpName
  readonly key: string
  readonly name: string
  /** Milliseconds of it and of the rule's own variant; null where it was not measured. */
  readonly ms: number | null
  readonly ruleMs: number | null
  /** ISO 8601. */
  readonly at: string
  /** The work it was measured on, so that it can be measured again. */
  readonly inputs: readonly TensorType[]
  readonly attrs: Attributes
  readonly unread?: readonly number[]
}

/** The variants in use on one adapter, by op and key. A kernel without an entry takes its rule's variant. */
export class Choices {
  readonly #entries = new Map<string, Choice>()

  /** The variant of `op` to use among `variants`: the measured one while the kernel still has it. */
  name(op: OpName, { key, names }: Variants): string {
    const known = this.#entries.get(`${op} ${key}`)?.name
    return known !== undefined && names.includes(known) ? known : names[0]
  }

  has(op: OpName, { key, names }: Variants): boolean {
    const known = this.#entries.get(`${op} ${key}`)
    return known !== undefined && names.includes(known.name)
  }

  set(choice: Choice): void {
    this.#entries.set(`${choice.op} ${choice.key}`, choice)
  }

  clear(): void {
    this.#entries.clear()
  }

  list(): Choice[] {
    return [...this.#entries.values()].sort((a, b) => (`${a.op} ${a.key}` < `${b.op} ${b.key}` ? -1 : 1))
  }

  /** As if `name` had been chosen for this one kernel, all else as it is. */
  with(op: OpName, key: string, name: string): Choices {
    const other = new Choices()
    this.list().forEach((choice) => other.set(choice))
    other.set({ op, key, name, ms: null, ruleMs: null, at: '', inputs: [], attrs: {} })
    return other
  }
}
