/**
 * Where the flow graph may lead back (`check_cfg`): for loaders without CAP_BPF nowhere; in some releases by a jump
 * alone, so that no instruction falls through into a loop from below, and no function calls itself.
 */
import { BPF_CALL, BPF_CLASS, BPF_EXIT, BPF_JA, BPF_JMP, BPF_JMP32, BPF_OP, EINVAL } from '@lsmkit/abi'
import type { Session } from './session.ts'
import { isPseudoCall, isPseudoFunc, LD_IMM64 } from './shape.ts'

const NEW = 0
const OPEN = 1
const DONE = 2

/** Where an instruction may lead, what follows it first. */
const edges = (session: Session, slot: number): readonly number[] => {
  const { code } = session
  const op = code.op[slot]!
  const kind = BPF_CLASS(op)
  const callee = isPseudoCall(code, slot) || isPseudoFunc(code, slot) ? [slot + 1 + code.imm[slot]!] : []
  if (kind !== BPF_JMP && kind !== BPF_JMP32) return [slot + (op === LD_IMM64 ? 2 : 1), ...callee]
  switch (BPF_OP(op)) {
    case BPF_EXIT: return []
    case BPF_CALL: return [slot + 1, ...callee]
    case BPF_JA: return [slot + 1 + (kind === BPF_JMP ? code.off[slot]! : code.imm[slot]!)]
    default: return [slot + 1, slot + 1 + code.off[slot]!]
  }
}

/** A jump, or the address of a function, for loaders with CAP_BPF. */
const mayLeadBack = ({ code, hasBpf }: Session, slot: number, isFirst: boolean): boolean => {
  if (!hasBpf) return false
  const op = code.op[slot]!
  const kind = BPF_CLASS(op)
  if (isPseudoFunc(code, slot)) return !isFirst
  return (kind === BPF_JMP || kind === BPF_JMP32) && BPF_OP(op) !== BPF_CALL
}

/** Walks in depth as the kernel does, so that the first edge that leads back is the same. */
export const checkBackEdges = (session: Session): void => {
  const state = new Uint8Array(session.code.length)
  const taken = new Uint8Array(session.code.length)
  const path = [0]
  while (path.length > 0) {
    const from = path[path.length - 1]!
    state[from] = OPEN
    const edge = taken[from]!++
    const to = edges(session, from)[edge]
    if (to === undefined) {
      state[from] = DONE
      path.pop()
    } else if (state[to] === OPEN) {
      if (!mayLeadBack(session, from, edge === 0)) session.refuse(`back-edge from insn ${from} to ${to}`, -EINVAL)
    } else if (state[to] === NEW) path.push(to)
  }
}
