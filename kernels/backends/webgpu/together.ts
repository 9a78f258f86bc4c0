import type { Binding, Dispatch, Touched } from './wgsl.ts'
import { enables, line } from './wgsl.ts'

/** A dispatch that runs, and those it stands for: their places and the share of its workgroups that each has. */
export interface Merged {
  readonly dispatch: Dispatch
  readonly members: readonly { readonly place: number; readonly share: number }[]
}

/** Workgroups up to which a dispatch leaves a large card room for another beside it. */
const MOST_BESIDE = 264
const workgroups = ({ grid: [x, y, z] }: Dispatch): number => x * y * z

/**
 * Lets dispatches that do not need each other run as one: encoding a dispatch costs the CPU about as much as a small one costs the device. Small
 * ones (sums of partial results, single parameters) are put off until something needs them or wants their memory; products that do not fill the
 * card (the two gradients of a small one) wait for the next that runs beside them. Results do not change: only dispatches that do not touch
 * what the others write change places.
 */
export function mergeSmall(dispatches: readonly Dispatch[], mostBindings: number): Merged[] {
  const merged: Merged[] = []
  const placeOf = new Map(dispatches.map((d, i) => [d, i]))
  let [products, sums]: Dispatch[][] = [[], []]
  const run = (group: readonly Dispatch[]): void => {
    const all = group.reduce((sum, d) => sum + workgroups(d), 0)
    merged.push({
      dispatch: group.length === 1 ? group[0] : together(group),
      members: group.map((d) => ({ place: placeOf.get(d)!, share: workgroups(d) / all })),
    })
  }
  const runProducts = (): void => {
    groupsOf(products, mostBindings).forEach(run)
    products = []
  }
  for (const dispatch of dispatches) {
    const meets = (one: Dispatch): boolean => conflict(one.touched, dispatch.touched)
    if (sums.some(meets)) {
      // A sum may need a product that waits; never the other way round.
      runProducts()
      groupsOf(sums, mostBindings).forEach(run)
      sums = []
    }
    if (dispatch.small?.waits) {
      sums.push(dispatch)
      continue
    }
    if (products.some(meets)) runProducts()
    if (dispatch.small && workgroups(dispatch) <= MOST_BESIDE) products.push(dispatch)
    else run([dispatch])
  }
  runProducts()
  groupsOf(sums, mostBindings).forEach(run)
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

const ARRAYS = /var<workgroup> (\w+): array<(\w+), (\d+)>;/g

/** Workgroup memory of the parts of a shader: a workgroup runs one part, so that arrays of one type share their places. */
function sharedArrays(parts: readonly string[]): { declarations: string; names: readonly ReadonlyMap<string, string>[] } {
  const places: { type: string; size: number }[] = []
  const names = parts.map((globals) => {
    const taken = new Set<number>()
    return new Map(
      [...globals.matchAll(ARRAYS)].map(([, name, type, size]) => {
        let place = places.findIndex((p, i) => p.type === type && !taken.has(i))
        if (place < 0) place = places.push({ type, size: 0 }) - 1
        taken.add(place)
        places[place].size = Math.max(places[place].size, Number(size))
        return [name, `shared_array${place}`]
      }),
    )
  })
  return { declarations: places.map((p, i) => `var<workgroup> shared_array${i}: array<${p.type}, ${p.size}>;`).join('\n'), names }
}

/** One shader of several: workgroups are dealt out in turn, each part sees its own `wid`. */
function together(members: readonly Dispatch[]): Dispatch {
  const slots = members.reduce<Slot[]>((all, d) => join(all, d)!, [])
  const declared = new Map<number, string>()
  const functions: string[] = []
  const calls: string[] = []
  let from = 0
  const arrays = sharedArrays(members.map((d) => d.small!.globals))
  members.forEach((d, n) => {
    const { declarations, body } = d.small!
    const globals = d.small!.globals.replaceAll(ARRAYS, '')
    const place = slotsOf(d).map((slot) => slots.findIndex((s) => same(s, slot)))
    const own = [...globals.matchAll(/\b(?:var<workgroup>|const|fn)\s+(\w+)/g)].map(([, name]) => name)
    const rename = (code: string): string => {
      const numbered = code
        .replace(/\b(b|load4_|store4_|half_|half4_)(\d+)\b/g, (_, name: string, i: string) => `${name}${place[Number(i)]}`)
        .replace(/@binding\((\d+)\)/g, (_, i: string) => `@binding(${place[Number(i)]})`)
      const renamed = [...own, ...arrays.names[n].keys()]
      if (!renamed.length) return numbered
      return numbered.replace(new RegExp(`\\b(${renamed.join('|')})\\b`, 'g'), (name) => arrays.names[n].get(name) ?? `part${n}_${name}`)
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
${arrays.declarations}
${functions.join('\n')}
@compute @workgroup_size(${members[0].small!.workgroup}) fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) li: u32) {
let g = wid.x + wid.y * ${grid[0]}u;
${calls.join('\nelse ')}
}
`,
  }
}
