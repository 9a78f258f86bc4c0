import type { Binding, Dispatch, Touched } from './wgsl.ts'
import { enables, line } from './wgsl.ts'

/** A dispatch that runs, and the place of the first of those it stands for. */
export interface Merged {
  readonly dispatch: Dispatch
  readonly first: number
}

/**
 * Puts small dispatches (sums of partial results, single parameters) off until something needs them or wants their memory, and lets those
 * that wait run as one: encoding a dispatch costs the CPU about as much as a small one costs the device. Results do not change: only
 * dispatches that do not touch what the others write change places.
 */
export function mergeSmall(dispatches: readonly Dispatch[], mostBindings: number): Merged[] {
  const merged: Merged[] = []
  const placeOf = new Map(dispatches.map((d, i) => [d, i]))
  let waiting: Dispatch[] = []
  const run = (): void => {
    for (const group of groupsOf(waiting, mostBindings))
      merged.push({ dispatch: group.length === 1 ? group[0] : together(group), first: placeOf.get(group[0])! })
    waiting = []
  }
  for (const dispatch of dispatches) {
    if (waiting.some((w) => conflict(w.touched, dispatch.touched))) run()
    if (dispatch.small) waiting.push(dispatch)
    else merged.push({ dispatch, first: placeOf.get(dispatch)! })
  }
  run()
  return merged
}

const conflict = (one: readonly Touched[], two: readonly Touched[]): boolean =>
  one.some((a) => two.some((b) => a.buffer === b.buffer && (a.write || b.write) && a.first < b.end && b.first < a.end))

/** A binding with the type it is declared as. */
interface Slot extends Binding {
  readonly type: string
}
const same = (a: Slot, b: Slot): boolean => a.buffer === b.buffer && a.first === b.first && a.count === b.count && a.type === b.type
const slotsOf = ({ bindings, small }: Dispatch): Slot[] => bindings.map((b, i) => ({ ...b, type: small!.types[i] }))

/** The bindings of a dispatch joined to those of others; null where WebGPU would refuse: a buffer that is written is bound once, whole. */
function join(slots: readonly Slot[], dispatch: Dispatch): Slot[] | null {
  const joined = [...slots]
  for (const slot of slotsOf(dispatch)) {
    const known = joined.findIndex((s) => same(s, slot))
    if (known >= 0) joined[known] = { ...joined[known], write: joined[known].write || slot.write }
    else joined.push(slot)
  }
  const written = new Set(joined.filter((s) => s.write).map((s) => s.buffer))
  return joined.some((s, i) => written.has(s.buffer) && joined.some((t, k) => k !== i && t.buffer === s.buffer)) ? null : joined
}

function groupsOf(waiting: readonly Dispatch[], mostBindings: number): Dispatch[][] {
  const groups: { members: Dispatch[]; slots: Slot[] }[] = []
  for (const dispatch of waiting) {
    const home = groups.find((g) => {
      if (g.members[0].small!.workgroup !== dispatch.small!.workgroup) return false
      const joined = join(g.slots, dispatch)
      if (!joined || joined.length > mostBindings) return false
      g.slots = joined
      return true
    })
    if (home) home.members.push(dispatch)
    else groups.push({ members: [dispatch], slots: slotsOf(dispatch) })
  }
  return groups.map((g) => g.members)
}

/** One shader of several: workgroups are dealt out in turn, each part sees its own `wid`. */
function together(members: readonly Dispatch[]): Dispatch {
  const slots = members.reduce<Slot[]>((all, d) => join(all, d)!, [])
  const declared = new Map<number, string>()
  const functions: string[] = []
  const calls: string[] = []
  let from = 0
  members.forEach((d, n) => {
    const { declarations, globals, body } = d.small!
    const place = slotsOf(d).map((slot) => slots.findIndex((s) => same(s, slot)))
    const own = [...globals.matchAll(/\b(?:var<workgroup>|const|fn)\s+(\w+)/g)].map(([, name]) => name)
    const rename = (code: string): string => {
      const numbered = code
        .replace(/\b(b|load4_|store4_|half_|half4_)(\d+)\b/g, (_, name: string, i: string) => `${name}${place[Number(i)]}`)
        .replace(/@binding\((\d+)\)/g, (_, i: string) => `@binding(${place[Number(i)]})`)
      return own.length ? numbered.replace(new RegExp(`\\b(${own.join('|')})\\b`, 'g'), `part${n}_$1`) : numbered
    }
    declarations.forEach((text, i) => {
      const code = slots[place[i]].write ? text.replace('storage, read>', 'storage, read_write>') : text
      // The longer of two declares stores beside loads.
      if ((declared.get(place[i])?.length ?? 0) < code.length) declared.set(place[i], rename(code))
    })
    functions.push(`${rename(globals)}\nfn part${n}(wid: vec3u, li: u32) {\n${rename(body)}\n}`)
    const [x, y, z] = d.grid
    calls.push(`if (g < ${from + x * y * z}u) { let i = g - ${from}u; part${n}(vec3u(i % ${x}u, i / ${x}u % ${y}u, i / ${x * y}u), li); }`)
    from += x * y * z
  })
  const grid = line(from)
  const labels = [...new Set(members.map((d) => d.label))]
  return {
    label: labels.join(' + '),
    bindings: slots.map(({ type: _, ...binding }) => binding),
    touched: members.flatMap((d) => d.touched),
    grid,
    code: `${enables(
      members.some((d) => d.small!.subgroups),
      slots.map((s) => s.type),
    )}${slots.map((_, i) => declared.get(i)!).join('\n')}
${functions.join('\n')}
@compute @workgroup_size(${members[0].small!.workgroup}) fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) li: u32) {
let g = wid.x + wid.y * ${grid[0]}u;
${calls.join('\nelse ')}
}
`,
  }
}
