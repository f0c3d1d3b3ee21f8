/**
 * How instructions are counted so that no program runs for ever: each way back into a loop costs what one round can
 * cost at most, callees without loops included; callees with loops count for themselves. Code without loops is not
 * counted.
 */
import { BPF_CALL, BPF_JMP, BPF_PSEUDO_CALL } from '@lsmkit/abi'
import type { Code } from '../insn/code.ts'
import type { Executable } from '../vm/executable.ts'
import type { Flow } from './flow.ts'

export interface Costs {
  /** By subprogram: it, or something it calls, has a loop. */
  readonly usesFuel: readonly boolean[]
  /** By subprogram: instructions of one run without going round in a loop. */
  readonly straight: readonly number[]
  readonly isRecursive: boolean
  /** Calls on top of each other at most; 8 when some subprogram calls itself. */
  readonly depth: number
}

export const costsOf = ({ code, starts, calls }: Executable, flows: readonly Flow[]): Costs => {
  const callees = flows.map((flow) => calleesOf(code, starts, flow))
  const usesFuel = flows.map((flow) => flow.isLoop.includes(1) || callsBack(flow, calls))
  const straight = flows.map(() => 0)
  const depth = flows.map(() => 1)
  const state = flows.map((): 'new' | 'open' | 'done' => 'new')
  let isRecursive = false
  const visit = (at: number): void => {
    state[at] = 'open'
    let cost = sizeOf(flows[at]!)
    for (const callee of callees[at]!) {
      if (state[callee] === 'open') isRecursive = true
      else if (state[callee] === 'new') visit(callee)
      cost = Math.min(cost + straight[callee]!, LARGEST)
      depth[at] = Math.max(depth[at]!, depth[callee]! + 1)
      if (usesFuel[callee]) usesFuel[at] = true
    }
    straight[at] = cost
    state[at] = 'done'
  }
  for (const [at] of flows.entries()) if (state[at] === 'new') visit(at)
  // a subprogram that calls itself is a loop without a way back: each entry counts
  return isRecursive
    ? { usesFuel: flows.map(() => true), straight, isRecursive, depth: MAX_FRAMES }
    : { usesFuel, straight, isRecursive, depth: Math.max(...depth) }
}

/** The cost of one round of the loop at `header`: all blocks from it to the way back, laid out in order. */
export const roundCost = (
  code: Code,
  starts: readonly number[],
  flow: Flow,
  costs: Costs,
  from: number,
  header: number,
): number => {
  let cost = 1
  for (let place = flow.place[header]!; place <= flow.place[from]!; place++) {
    const { start, end } = flow.blocks[flow.order[place]!]!
    cost += end - start
    for (let slot = start; slot < end; slot++) {
      const callee = calleeAt(code, starts, slot)
      if (callee >= 0) cost += costs.straight[callee]!
    }
  }
  return Math.min(cost, LARGEST)
}

const callsBack = ({ blocks }: Flow, calls: Executable['calls']): boolean => {
  const [first, last] = [blocks[0]!.start, blocks.at(-1)!.end]
  for (const [slot, helper] of calls) if (slot >= first && slot < last && helper.callsBack) return true
  return false
}

const MAX_FRAMES = 8
const LARGEST = 0x3fff_ffff

const sizeOf = (flow: Flow): number =>
  flow.order.reduce((sum, block) => sum + flow.blocks[block]!.end - flow.blocks[block]!.start, 0)

const calleesOf = (code: Code, starts: readonly number[], flow: Flow): number[] => {
  const found: number[] = []
  for (const block of flow.order) {
    const { start, end } = flow.blocks[block]!
    for (let slot = start; slot < end; slot++) {
      const callee = calleeAt(code, starts, slot)
      if (callee >= 0) found.push(callee)
    }
  }
  return found
}

/** Index of the subprogram that the instruction calls, or -1. */
const calleeAt = (code: Code, starts: readonly number[], slot: number): number => {
  if (code.op[slot] !== (BPF_JMP | BPF_CALL) || code.src[slot] !== BPF_PSEUDO_CALL) return -1
  return starts.indexOf(slot + 1 + code.imm[slot]!)
}
