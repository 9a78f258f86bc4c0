import { ceilDiv, part, regions, type Target } from '../../backends/webgpu/wgsl.ts'
import type { Operand } from '../../graph/plan.ts'
import type { TensorType } from '../../tensor/tensor.ts'
import { type Attributes, num } from '../op.ts'
import { measuredShape } from './scanVariants.ts'

/** How one walk over a chunk is laid out. */
export interface WalkShape {
  readonly workgroup: number
  /** Steps written out, and loaded ahead. */
  readonly T: number
  /** Lanes that share their channels: each holds d_state / c states of c channels. */
  readonly c: number
  /** Steps summed over channels between two barriers. */
  readonly RT: number
  /** B and C pass through workgroup memory RT steps at a time instead of a chunk at a time. */
  readonly tiled: boolean
}

export type WalkKind = 'F1' | 'F2' | 'K1' | 'K3'

/** How the walks over a whole sequence are laid out. */
export interface StraightShape {
  readonly workgroup: number
  /** States a lane holds: 2 or 4. */
  readonly held: number
  /** Steps a lane reads ahead, and takes in one turn. */
  readonly turns: number
  /** Turns whose inputs are on their way while one is worked on. */
  readonly ahead: number
  /** Parts of the sequence that a workgroup walks at the same time: once for what each adds, then again from its true start. */
  readonly parts: number
  /** Outputs are summed and written during the next turn. */
  readonly late: boolean
  /** The backward walk; null: the backward pass over chunks. */
  readonly backward: StraightGradShape | null
}
export interface StraightGradShape {
  readonly workgroup: number
  readonly held: number
  /** Steps of a turn, which are a chunk. */
  readonly chunk: number
  /** Steps summed over channels between two barriers; at most a chunk. */
  readonly reduced: number
  /** Parts of a sequence walked at the same time; the adjoints between them take a pass of their own. */
  readonly segments: number
  /** Decays are held in registers, not computed again on the way back. */
  readonly keep: boolean
  /** Lanes hold their four states in orders of their own, so that sums over channels need no choice by lane. */
  readonly turned: boolean
}

export interface ScanShape {
  readonly batch: number
  readonly seqlen: number
  readonly D: number
  /** States a channel has, and rounded up to 4 times a power of two (the rest stay zero). */
  readonly N: number
  readonly NP: number
  /** NP in vec4s. */
  readonly NV: number
  /** Steps a chunk has, and chunks a sequence has. */
  readonly chunk: number
  readonly chunks: number
  readonly subgroup: number
  readonly walks: Readonly<Record<WalkKind, WalkShape>>
  /** The forward pass as one walk, where the batch fills the adapter by itself; null: three passes over chunks. */
  readonly straight: StraightShape | null
}

const log2 = Math.log2

/** Bytes of workgroup memory of one walk. */
export function walkBytes(kind: WalkKind, w: WalkShape, { NP, chunk, subgroup }: Pick<ScanShape, 'NP' | 'chunk' | 'subgroup'>): number {
  const matrices = kind === 'F1' ? 1 : 2
  const inputs = w.tiled ? 2 * matrices * w.RT * NP * 4 : matrices * chunk * NP * 4
  return inputs + (kind[0] === 'K' ? 2 * (w.workgroup / subgroup) * w.RT * NP * 4 : 0)
}

/** Fastest on an H100, replaced while tuning (chunks of 64: B8 D1024 L2048; of 128: L16384; of 32: L512). */
export const PREFERRED_WALKS: Record<WalkKind, (chunk: number) => WalkShape> = {
  F1: (chunk) => ({ workgroup: chunk >= 128 ? 128 : 64, T: 8, c: 1, RT: 8, tiled: false }),
  F2: (chunk) => (chunk >= 128 ? { workgroup: 256, T: 8, c: 2, RT: 8, tiled: false } : { workgroup: 128, T: 4, c: 4, RT: 8, tiled: false }),
  K1: () => ({ workgroup: 128, T: 4, c: 4, RT: 8, tiled: false }),
  K3: (chunk) =>
    chunk === 64
      ? { workgroup: 64, T: 4, c: 1, RT: 4, tiled: true }
      : { workgroup: 128, T: chunk >= 128 ? 4 : 2, c: 1, RT: 8, tiled: chunk >= 128 },
}

function walkShape(kind: WalkKind, NP: number, chunk: number, target: Target): WalkShape {
  const { subgroup } = target
  let w = target.software ? { workgroup: 16, T: 2, c: kind === 'F1' ? 1 : 4, RT: 4, tiled: kind === 'K3' } : PREFERRED_WALKS[kind](chunk)
  // Without register exchange a workgroup's sums over channels all pass through its memory, and lanes cannot share channels.
  if (subgroup === 1) w = { ...w, c: 1, workgroup: Math.min(w.workgroup, 32), ...(kind[0] === 'K' ? { T: 1, RT: 1 } : {}) }
  w = { ...w, c: Math.min(w.c, NP / 4, subgroup) }
  if (w.workgroup % subgroup) w = { ...w, workgroup: subgroup }
  if (NP > 32) w = { ...w, T: Math.min(w.T, target.software ? 1 : 2), RT: Math.min(w.RT, 4) }
  const budget = Math.min(target.workgroupBytes, 24 << 10)
  const over = (): boolean => walkBytes(kind, w, { NP, chunk, subgroup }) > budget
  if (over()) w = { ...w, tiled: true }
  while (over() && w.RT > 1) w = { ...w, RT: w.RT / 2, T: Math.min(w.T, w.RT / 2) }
  while (over() && w.workgroup > subgroup && w.workgroup > 8) w = { ...w, workgroup: w.workgroup / 2 }
  return w
}

/** Steps of a chunk in the passes over chunks, replaced while tuning. */
export const PREFERRED_CHUNK = { pick: (seqlen: number): number => (seqlen >= 8192 ? 128 : seqlen <= 1024 ? 32 : 64) }
/** The same where only the backward pass is over chunks: longer ones, for fewer sums between them (on an H100 3 % of both passes). */
export const CHUNK_BACK = { pick: (seqlen: number): number => (seqlen >= 2048 ? 128 : PREFERRED_CHUNK.pick(seqlen)) }

/**
 * One walk where it beats three passes over chunks, by what an H100 takes: 60 ns a step however few channels there are, against 13.5 ns
 * for a step of 1000 channels and 12 µs for the passes. Replaced while tuning.
 */
export const PREFERRED_STRAIGHT: { pick: (batch: number, seqlen: number, D: number) => StraightShape | null } = {
  pick: (batch, seqlen, D) =>
    seqlen * (60 - 0.0135 * batch * D) <= 12_000
      ? { workgroup: 64, held: 4, turns: 8, ahead: 1, late: false, parts: 1, backward: straightBackward(batch, seqlen, D) }
      : null,
}

/** Short sequences: on an H100 6 to 13 % faster than over chunks up to 1024 steps. Few channels take segments and large workgroups. */
function straightBackward(batch: number, seqlen: number, D: number): StraightGradShape | null {
  if (seqlen > 1024) return null
  const few = batch * D <= 4096
  return { workgroup: few ? 512 : 128, held: 4, chunk: 8, reduced: 4, segments: few ? 4 : 1, keep: true, turned: few }
}

/** Steps written out, and workgroup memory a walk may have. */
const STEPS = 32
const WALK_BYTES = 32 << 10

/** The rule's one walk, before it is fitted to the states and the adapter; null: passes over chunks. */
export function ruleShape(inputs: readonly TensorType[], attrs: Attributes, target: Target): StraightShape | null {
  const [batch, seqlen, D] = [num(attrs, 'batch'), num(attrs, 'seqlen'), inputs[0].cols]
  if (target.subgroup === 1) return null
  return target.software
    ? batch * D <= seqlen
      ? null
      : {
          ...{ workgroup: 16, held: 4, turns: 1, ahead: 2, late: seqlen % 2 === 0, parts: seqlen % 3 === 0 ? 2 : 1 },
          backward: { workgroup: 8, held: 4, chunk: 8, reduced: 1, segments: batch, keep: batch % 2 === 0, turned: batch % 2 === 1 },
        }
    : PREFERRED_STRAIGHT.pick(batch, seqlen, D)
}

function straightShape(inputs: readonly TensorType[], attrs: Attributes, NP: number, target: Target, alone: boolean): StraightShape | null {
  const seqlen = num(attrs, 'seqlen')
  const rule = ruleShape(inputs, attrs, target)
  if (!rule) return null
  const picked = target.software ? rule : measuredShape(rule, inputs, attrs, target, alone)
  const { backward, held } = picked
  const lanes = NP / held
  const turns = Math.max(1, Math.min(picked.turns, STEPS / lanes))
  // B and C of two turns.
  const tiles = (steps: number, orders = 1): number => 2 * 2 * steps * NP * 4 * orders
  const most = Math.min(WALK_BYTES, target.workgroupBytes)
  if (lanes > target.subgroup || tiles(turns * lanes) > most) return null
  const partBytes = tiles(turns * lanes) + picked.workgroup * 20
  const parts = partBytes * picked.parts > most || picked.workgroup * picked.parts > target.invocations ? 1 : picked.parts
  const forwards = { ...picked, turns, parts }
  if (!backward) return forwards
  // A chunk takes each lane of a channel at least once, and its sums over channels two rounds.
  const chunk = Math.max(backward.chunk, NP / backward.held, lanes, 4)
  const segments = Math.min(backward.segments, ceilDiv(seqlen, chunk))
  const workgroup = Math.min(backward.workgroup, target.invocations)
  let back = { ...backward, chunk, segments, workgroup, reduced: Math.min(backward.reduced, chunk) }
  const over = (): boolean => tiles(chunk, back.turned ? 4 : 1) + 2 * (back.workgroup / target.subgroup) * back.reduced * 2 * NP * 4 > most
  while (over() && back.reduced > 1) back = { ...back, reduced: back.reduced / 2 }
  if (over()) back = { ...back, turned: false }
  return { ...forwards, backward: NP / back.held > target.subgroup || chunk > STEPS || over() ? null : back }
}

/** `alone`: nothing is kept for a gradient. */
export function scanShape(inputs: readonly TensorType[], attrs: Attributes, target: Target, alone = false): ScanShape {
  const [u, , A] = inputs
  const [batch, seqlen] = [num(attrs, 'batch'), num(attrs, 'seqlen')]
  const NP = 4 * 2 ** Math.ceil(log2(Math.max(1, A.cols / 4)))
  const NV = NP / 4
  const straight = straightShape(inputs, attrs, NP, target, alone)
  const chunk = straight?.backward ? straight.backward.chunk : target.software ? 16 : (straight ? CHUNK_BACK : PREFERRED_CHUNK).pick(seqlen)
  const walks = Object.fromEntries((['F1', 'F2', 'K1', 'K3'] as const).map((k) => [k, walkShape(k, NP, chunk, target)])) as Record<
    WalkKind,
    WalkShape
  >
  return { batch, seqlen, D: u.cols, N: A.cols, NP, NV, chunk, chunks: ceilDiv(seqlen, chunk), subgroup: target.subgroup, walks, straight }
}

/** Elements of all chunks' states. */
const stateElements = ({ chunks, batch, D, NP }: ScanShape): number => chunks * batch * D * NP
const channelTiles = (s: ScanShape, kind: 'K1' | 'K3'): number =>
  ceilDiv(s.D, s.straight?.backward ? (s.straight.backward.workgroup * s.straight.backward.held) / s.NP : s.walks[kind].workgroup)

/**
 * `saved`, kept from forward to backward: states at each chunk's start, A · log2 e by channel with (D, delta_bias) behind it, and
 * the sum of Δ over each chunk.
 */
export function savedRegions(s: ScanShape) {
  const laid = regions({ states: stateElements(s) + s.D * (s.NP + 4), sums: s.chunks * s.batch * s.D })
  return {
    total: laid.total,
    /** vec4 at which the channels' parameters start. */
    params: stateElements(s) / 4,
    states: (saved: Operand, write: boolean) => part(saved, laid.first.states, stateElements(s) + s.D * (s.NP + 4), { vec: true, write }),
    sums: (saved: Operand, write: boolean) => part(saved, laid.first.sums, s.chunks * s.batch * s.D, { write }),
  }
}

/**
 * The backward pass's scratch: per chunk the adjoint of its end and its part of dA; per step g and Y; partial sums. In one walk over the
 * sequence only the sums: dA, dD and ddelta_bias per sequence, dB and dC per tile of channels.
 */
export function gradRegions(s: ScanShape) {
  const rows = s.batch * s.seqlen
  const straight = Boolean(s.straight?.backward)
  const segments = s.straight?.backward?.segments ?? 0
  const parts = straight ? segments * s.batch : s.chunks * s.batch
  const sizes = {
    g: straight ? 0 : rows * s.D,
    Y: straight ? 0 : rows * s.D,
    dC: channelTiles(s, 'K1') * rows * s.NP,
    dB: channelTiles(s, 'K3') * rows * s.NP,
    dD: 2 * parts * s.D,
    adjoints: segments > 1 ? parts * s.D * s.NP : 0,
    sums: segments > 1 ? parts * s.D : 0,
  }
  const states = straight ? 0 : stateElements(s)
  const chunkElements = states + parts * s.D * s.NP
  const outer = regions({ chunks: chunkElements, steps: regions(sizes).total })
  const inner = regions(sizes)
  return {
    total: outer.total,
    /** Partial sums of dA, dD and ddelta_bias. */
    parts,
    tiles: { dC: channelTiles(s, 'K1'), dB: channelTiles(s, 'K3') },
    /** vec4 offset of dA's parts behind the adjoints. */
    dA: states / 4,
    /** Element offsets inside `steps`, and inside the whole. */
    at: inner.first,
    atWhole: Object.fromEntries(Object.entries(inner.first).map(([k, v]) => [k, v + outer.first.steps])) as typeof inner.first,
    chunks: (scratch: Operand, write: boolean) => part(scratch, outer.first.chunks, chunkElements, { vec: true, write }),
    steps: (scratch: Operand, write: boolean, vec = false) => part(scratch, outer.first.steps, inner.total, { vec, write }),
    whole: (scratch: Operand) => part(scratch, 0, outer.total, { write: true }),
  }
}
