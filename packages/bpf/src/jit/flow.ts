/** The flow graph of one subprogram: blocks of slots, edges, an order in which predecessors come first. */
import { BPF_CALL, BPF_CLASS, BPF_EXIT, BPF_JA, BPF_JMP, BPF_JMP32, BPF_OP } from '@lsmkit/abi'
import type { Code } from '../insn/code.ts'
import { isWide } from '../insn/disasm.ts'

export interface FlowBlock {
  readonly index: number
  /** First slot, and the slot behind the last. */
  readonly start: number
  readonly end: number
  /** Slot of the jump, exit or call at its end that decides where it goes; -1 when it runs into the next block. */
  readonly last: number
  /** Where a jump goes when taken, as block index; -1 none. */
  taken: number
  /** Where it goes otherwise; -1 none (exit, unconditional jump); OUTSIDE when it runs out of its code. */
  next: number
}

/** A successor that is not a block: the program leaves its code there, and that is a fault. */
export const OUTSIDE = -2

export interface Flow {
  readonly blocks: readonly FlowBlock[]
  /** Reachable blocks so that every edge but those back into a loop goes forward. */
  readonly order: Int32Array
  /** Place of a block in `order`, -1 when it cannot be reached. */
  readonly place: Int32Array
  /** Blocks that some later block jumps back to. */
  readonly isLoop: Uint8Array
  /** Immediate dominator by block; the entry's is itself. */
  readonly dominator: Int32Array
  /** Some loop has a second entry. */
  readonly isIrreducible: boolean
}

/** Whether the slot ends a block. */
const endsBlock = (op: number): boolean => {
  const cls = BPF_CLASS(op)
  return (cls === BPF_JMP || cls === BPF_JMP32) && BPF_OP(op) !== BPF_CALL
}

/** Slot a jump goes to. */
export const jumpTarget = (code: Code, slot: number): number =>
  slot + 1 + (code.op[slot] === (BPF_JMP32 | BPF_JA) ? code.imm[slot]! : code.off[slot]!)

export const isUnconditional = (op: number): boolean => BPF_OP(op) === BPF_JA && endsBlock(op)
export const isExit = (op: number): boolean => op === (BPF_JMP | BPF_EXIT)

/** The graph of the slots from `start` to `end`; jumps that leave them go to OUTSIDE. */
export const flowOf = (code: Code, start: number, end: number): Flow => {
  const blocks = blocksOf(code, start, end)
  const { order, place } = orderOf(blocks)
  const { isLoop, backEdges } = loopsOf(blocks, order, place)
  const dominator = dominatorsOf(blocks, order, place)
  const isIrreducible = backEdges.some(([from, to]) => !dominates(dominator, place, to, from))
  return { blocks, order, place, isLoop, dominator, isIrreducible }
}

const blocksOf = (code: Code, start: number, end: number): FlowBlock[] => {
  const isStart = new Uint8Array(end - start + 1)
  const isSecondHalf = new Uint8Array(end - start + 1)
  isStart[0] = 1
  for (let slot = start; slot < end; slot++) {
    const op = code.op[slot]!
    if (isWide(op)) isSecondHalf[++slot - start] = 1
    else if (endsBlock(op)) {
      isStart[slot + 1 - start] = 1
      const target = isExit(op) ? -1 : jumpTarget(code, slot)
      if (target >= start && target < end) isStart[target - start] = 1
    }
  }
  const starts: number[] = []
  for (let slot = start; slot < end; slot++) if (isStart[slot - start] && !isSecondHalf[slot - start]) starts.push(slot)
  const indexOf = new Map(starts.map((slot, index) => [slot, index]))
  const blockAt = (slot: number): number => indexOf.get(slot) ?? OUTSIDE
  return starts.map((first, index) => {
    const behind = starts[index + 1] ?? end
    const last = lastOf(code, first, behind)
    const op = code.op[last]!
    const isJump = endsBlock(op)
    return {
      index,
      start: first,
      end: behind,
      last: isJump ? last : -1,
      taken: isJump && !isExit(op) ? blockAt(jumpTarget(code, last)) : -1,
      next: isJump && (isExit(op) || isUnconditional(op)) ? -1 : blockAt(behind),
    }
  })
}

/** First slot of the last instruction of a block. */
const lastOf = (code: Code, first: number, behind: number): number => {
  let slot = first
  while (slot + (isWide(code.op[slot]!) ? 2 : 1) < behind) slot += isWide(code.op[slot]!) ? 2 : 1
  return slot
}

const successors = ({ taken, next }: FlowBlock): readonly number[] =>
  taken === next ? [next] : [next, taken]

/** Reverse post-order, without recursion: programs have many thousand blocks. */
const orderOf = (blocks: readonly FlowBlock[]): { order: Int32Array; place: Int32Array } => {
  const place = new Int32Array(blocks.length).fill(-1)
  const seen = new Uint8Array(blocks.length)
  const finished: number[] = []
  const stack: { readonly block: number; at: number }[] = [{ block: 0, at: 0 }]
  seen[0] = 1
  while (stack.length > 0) {
    const top = stack.at(-1)!
    const next = successors(blocks[top.block]!)[top.at++]
    if (next === undefined) {
      finished.push(top.block)
      stack.pop()
    } else if (next >= 0 && !seen[next]) {
      seen[next] = 1
      stack.push({ block: next, at: 0 })
    }
  }
  const order = Int32Array.from(finished.reverse())
  for (const [at, block] of order.entries()) place[block] = at
  return { order, place }
}

const loopsOf = (
  blocks: readonly FlowBlock[],
  order: Int32Array,
  place: Int32Array,
): { isLoop: Uint8Array; backEdges: [from: number, to: number][] } => {
  const isLoop = new Uint8Array(blocks.length)
  const backEdges: [number, number][] = []
  for (const from of order) {
    for (const to of successors(blocks[from]!)) {
      if (to < 0 || place[to]! > place[from]!) continue
      isLoop[to] = 1
      backEdges.push([from, to])
    }
  }
  return { isLoop, backEdges }
}

/** Predecessors by block, reachable ones only. */
export const predecessorsOf = (blocks: readonly FlowBlock[], order: Int32Array): readonly number[][] => {
  const into: number[][] = blocks.map(() => [])
  for (const from of order) for (const to of successors(blocks[from]!)) if (to >= 0) into[to]!.push(from)
  return into
}

/** By walking up two paths until they meet, until nothing changes (Cooper, Harvey and Kennedy). */
const dominatorsOf = (blocks: readonly FlowBlock[], order: Int32Array, place: Int32Array): Int32Array => {
  const into = predecessorsOf(blocks, order)
  const dominator = new Int32Array(blocks.length).fill(-1)
  dominator[0] = 0
  for (let changed = true; changed;) {
    changed = false
    for (const block of order) {
      if (block === 0) continue
      let common = -1
      for (const from of into[block]!) {
        if (dominator[from] === -1) continue
        common = common === -1 ? from : meet(dominator, place, from, common)
      }
      if (dominator[block] === common) continue
      dominator[block] = common
      changed = true
    }
  }
  return dominator
}

const meet = (dominator: Int32Array, place: Int32Array, one: number, other: number): number => {
  let [a, b] = [one, other]
  while (a !== b) {
    while (place[a]! > place[b]!) a = dominator[a]!
    while (place[b]! > place[a]!) b = dominator[b]!
  }
  return a
}

const dominates = (dominator: Int32Array, place: Int32Array, upper: number, lower: number): boolean => {
  let at = lower
  while (place[at]! > place[upper]!) at = dominator[at]!
  return at === upper
}
