/** Loops are for loaders with CAP_BPF: for others the flow graph may not lead back (`check_cfg`). */
import { BPF_CALL, BPF_CLASS, BPF_EXIT, BPF_JA, BPF_JMP, BPF_JMP32, BPF_OP, EINVAL } from '@lsmkit/abi'
import type { Session } from './session.ts'
import { LD_IMM64 } from './shape.ts'

const NEW = 0
const OPEN = 1
const DONE = 2

/** Where an instruction may lead, what follows it first; calls of functions are refused before. */
const edges = (session: Session, slot: number): readonly number[] => {
  const { code } = session
  const op = code.op[slot]!
  const kind = BPF_CLASS(op)
  if (kind !== BPF_JMP && kind !== BPF_JMP32) return [slot + (op === LD_IMM64 ? 2 : 1)]
  switch (BPF_OP(op)) {
    case BPF_EXIT: return []
    case BPF_CALL: return [slot + 1]
    case BPF_JA: return [slot + 1 + (kind === BPF_JMP ? code.off[slot]! : code.imm[slot]!)]
    default: return [slot + 1, slot + 1 + code.off[slot]!]
  }
}

/** Walks in depth as the kernel does, so that the first edge that leads back is the same. */
export const checkBackEdges = (session: Session): void => {
  const state = new Uint8Array(session.code.length)
  const taken = new Uint8Array(session.code.length)
  const path = [0]
  while (path.length > 0) {
    const from = path[path.length - 1]!
    state[from] = OPEN
    const to = edges(session, from)[taken[from]!++]
    if (to === undefined) {
      state[from] = DONE
      path.pop()
    } else if (state[to] === OPEN) session.refuse(`back-edge from insn ${from} to ${to}`, -EINVAL)
    else if (state[to] === NEW) path.push(to)
  }
}
