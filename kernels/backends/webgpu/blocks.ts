import { range } from './wgsl.ts'

/**
 * How a workgroup makes a block of a matrix product: `rows` × `cols` results, tm × tn in the registers of a thread, from slabs of the inner
 * dimension in workgroup memory. Thread (rt, ct) has rows rt·tm … and columns ct·4 … of each of its tn / 4 groups of columns.
 */
export interface Block {
  readonly rows: number
  readonly cols: number
  readonly tm: number
  readonly tn: number
  readonly threads: number
  /** Depth of a slab; small on CPU drivers, which clear workgroup memory by a store for each element. */
  readonly slab: number
  /** Fetches the next slab into registers while this one is used. CPU drivers gain nothing and compile longer. */
  readonly ahead: boolean
  /** Inner steps written out; a divisor of `slab`. */
  readonly unroll: number
}

export const block = (shape: Omit<Block, 'threads'>): Block => ({ ...shape, threads: (shape.rows / shape.tm) * (shape.cols / shape.tn) })

export const rowRange = ({ tm }: Block): number[] => range(tm)
/** Groups of four columns of a thread. */
export const groupRange = ({ tn }: Block): number[] => range(tn / 4)
/** WGSL for every row and group of columns of a thread. */
export const each = (b: Block, code: (i: number, q: number) => string, between = '\n'): string =>
  rowRange(b)
    .map((i) =>
      groupRange(b)
        .map((q) => code(i, q))
        .join(' '),
    )
    .join(between)
/** First column of group q of this thread. */
export const columnOf = ({ cols, tn }: Block, q: number): string => (q ? `(${(q * cols) / (tn / 4)}u + ct * 4u)` : '(ct * 4u)')
/** This thread's place: ct, rt. */
export const threadPlace = ({ cols, tn }: Block): string => `let ct = li % ${cols / tn}u; let rt = li / ${cols / tn}u;`

/** Registers `name`i_q of vec4f. */
export const declareBlock = (b: Block, name: string): string => each(b, (i, q) => `var ${name}${i}_${q} = vec4f();`, ' ')

/** Slabs [k][row / 4] and [k][column / 4] of both sides, and where wanted `whole`, a left side of that depth, [k][row / 4]. */
export const slabMemory = ({ rows, cols, slab }: Block, whole = 0): string =>
  `var<workgroup> At: array<vec4f, ${(slab * rows) / 4}>; var<workgroup> Bt: array<vec4f, ${(slab * cols) / 4}>;${
    whole ? ` var<workgroup> Pt: array<vec4f, ${(whole * rows) / 4}>;` : ''
  }`

/**
 * One side of a product. `direct`: get(k, w) is WGSL of four neighbours from w on of inner row k; `transposed`: get(w, k) of four inner
 * elements from k on of row w. k counts from the inner dimension's start, w from the block's.
 */
export interface Side {
  readonly transposed: boolean
  readonly get: (row: string, column: string) => string
}

interface Staging {
  readonly declare: string
  load(k0: string): string
  readonly store: string
}

/** Through registers: what is loaded early is stored late. Transposed sides go 4 × 4 elements at a time. */
function staged({ threads, slab }: Block, to: 'At' | 'Bt', width: number, { transposed, get }: Side): Staging {
  const count = (slab * width) / (transposed ? 16 : 4)
  const [fours, per] = [width / 4, Math.ceil(count / threads)]
  const name = (p: number, i: number): string => `${to}r${p}_${i}`
  const at = (p: number): string => (p ? `(li + ${p * threads}u)` : 'li')
  const inside = (p: number, code: string): string => ((p + 1) * threads > count ? `if (${at(p)} < ${count}u) { ${code} }` : code)
  const registers = transposed ? range(4) : [0]
  return {
    declare: range(per)
      .flatMap((p) => registers.map((i) => `var ${name(p, i)} = vec4f();`))
      .join(' '),
    load: (k0) =>
      range(per)
        .map((p) =>
          inside(
            p,
            registers
              .map((i) =>
                transposed
                  ? `${name(p, i)} = ${get(`(${at(p)} % ${fours}u * 4u + ${i}u)`, `(${k0} + ${at(p)} / ${fours}u * 4u)`)};`
                  : `${name(p, i)} = ${get(`(${k0} + ${at(p)} / ${fours}u)`, `(${at(p)} % ${fours}u * 4u)`)};`,
              )
              .join(' '),
          ),
        )
        .join('\n'),
    store: range(per)
      .map((p) =>
        inside(
          p,
          transposed
            ? range(4)
                .map(
                  (j) =>
                    `${to}[(${at(p)} / ${fours}u * 4u + ${j}u) * ${fours}u + ${at(p)} % ${fours}u] = vec4f(${range(4)
                      .map((i) => `${name(p, i)}[${j}]`)
                      .join(', ')});`,
                )
                .join(' ')
            : `${to}[${at(p)}] = ${name(p, 0)};`,
        ),
      )
      .join(' '),
  }
}

/** By loops: little code. */
function looped({ threads, slab }: Block, to: 'At' | 'Bt', width: number, { transposed, get }: Side): Staging {
  const [fours, count] = [width / 4, (slab * width) / 4]
  const body = transposed
    ? `let r = e % ${width}u; let k4 = e / ${width}u * 4u; let x = ${get('r', '(k0 + k4)')};
${range(4)
  .map((j) => `${to}[(k4 + ${j}u) * ${fours}u + r / 4u][r % 4u] = x[${j}];`)
  .join(' ')}`
    : `${to}[e] = ${get(`(k0 + e / ${fours}u)`, `(e % ${fours}u * 4u)`)};`
  return { declare: '', load: () => '', store: `for (var e = li; e < ${count}u; e += ${threads}u) { ${body} }` }
}

/**
 * name += A B over the inner dimension from `from` to `to`, both the same in all threads. The left side may be the whole one in Pt. `inner`
 * runs at every slab while it is in memory (k0 is its start); a thread skips slabs where `needed` (WGSL, of k0) is false.
 */
export function multiply(
  b: Block,
  name: string,
  { from, to, A, B, inner = '', needed }: { from: string; to: string; A: Side | 'Pt'; B: Side; inner?: string; needed?: string },
): string {
  const [left, right] = [b.rows / 4, b.cols / 4]
  const stage = b.ahead ? staged : looped
  const sides = [...(A === 'Pt' ? [] : [stage(b, 'At', b.rows, A)]), stage(b, 'Bt', b.cols, B)]
  const all = (code: (s: Staging) => string): string => sides.map(code).join('\n')
  const load = (k0: string): string => all((s) => s.load(k0))
  const step = (
    k: string,
  ): string => `{ let ai = (${A === 'Pt' ? `k0 + ${k}` : k}) * ${left}u + rt * ${b.tm / 4}u; let bi = (${k}) * ${right}u + ct;
${range(b.tm / 4)
  .map((g) => `let a${g} = ${A === 'Pt' ? 'Pt' : 'At'}[ai + ${g}u];`)
  .join(' ')} ${groupRange(b)
    .map((q) => `let b${q} = Bt[bi + ${q * (b.cols / b.tn)}u];`)
    .join(' ')}
${each(b, (i, q) => `${name}${i}_${q} = fma(vec4f(a${i >> 2}[${i & 3}]), b${q}, ${name}${i}_${q});`)} }`
  const steps = `for (var k = 0u; k < ${b.slab}u; k += ${b.unroll}u) { ${range(b.unroll)
    .map((u) => step(u ? `k + ${u}u` : 'k'))
    .join('\n')} }`
  return `{ let k_end = ${to}; var k0 = ${from};
${all((s) => s.declare)}
${b.ahead ? `if (k0 < k_end) { ${load('k0')} }` : ''}
for (; k0 < k_end; k0 += ${b.slab}u) {
workgroupBarrier();
${all((s) => s.store)}
workgroupBarrier();
${b.ahead ? `if (k0 + ${b.slab}u < k_end) { ${load(`(k0 + ${b.slab}u)`)} }` : ''}
${inner}
${needed ? `if (${needed}) { ${steps} }` : steps}
} }`
}

/** Puts the block's values, made by value(i, q), into Pt as [column][row / 4]. */
export const keepBlock = (b: Block, value: (i: number, q: number) => string): string =>
  groupRange(b)
    .map(
      (q) => `{ ${rowRange(b)
        .map((i) => `let p${i} = ${value(i, q)};`)
        .join('\n')}
${range(4)
  .flatMap((j) =>
    range(b.tm / 4).map(
      (g) =>
        `Pt[(${columnOf(b, q)} + ${j}u) * ${b.rows / 4}u + rt * ${b.tm / 4}u + ${g}u] = vec4f(${range(4)
          .map((i) => `p${4 * g + i}[${j}]`)
          .join(', ')});`,
    ),
  )
  .join('\n')} }`,
    )
    .join('\n')
