/** The flow graph: every instruction is reached, and where states are compared and history is kept. */
import { BPF_CALL, BPF_CLASS, BPF_EXIT, BPF_JA, BPF_JMP, BPF_JMP32, BPF_OP, EINVAL } from '@lsmkit/abi'
import { checkBackEdges } from './back-edges.ts'
import { helperChangesPacket } from '../helpers/lookup.ts'
import { callsAsyncCallback, callsSyncCallback, isIteratorNext } from './callback-calls.ts'
import type { Session } from './session.ts'
import { CALLS_CALLBACK, FORCE_CHECKPOINT, ITER_NEXT, JUMP_POINT, MAY_GOTO, PRUNE_POINT } from './session.ts'
import { isHelperCall, isMayGoto, isPseudoCall, isPseudoFunc, JUMP_TABLE, LD_IMM64 } from './shape.ts'
import { subprogramAt, subprogramOf } from './subprograms.ts'

/** Marks the graph below `start`; work waits on a list, so that depth costs no stack. */
const explore = (session: Session, start: number, visited: Uint8Array): void => {
  const { code, marks } = session
  const { callbackRounds } = session.kernel.features
  const work = [start]
  const go = (from: number, to: number): void => {
    if (to < 0 || to >= code.length) session.refuse(`jump out of range from insn ${from} to ${to}`, -EINVAL)
    if (visited[to] === 0) work.push(to)
  }
  const branch = (from: number, to: number): void => {
    go(from, to)
    marks[to]! |= PRUNE_POINT | JUMP_POINT
  }
  const call = (slot: number, next: number, callee: number | null): void => {
    go(slot, next)
    marks[next]! |= PRUNE_POINT | JUMP_POINT
    if (callee === null) return
    marks[slot]! |= PRUNE_POINT
    branch(slot, callee)
  }
  while (work.length > 0) {
    const slot = work.pop()!
    if (visited[slot] === 1) continue
    visited[slot] = 1
    const op = code.op[slot]!
    const kind = BPF_CLASS(op)
    const width = op === LD_IMM64 ? 2 : 1
    if (kind !== BPF_JMP && kind !== BPF_JMP32) {
      if (isPseudoFunc(code, slot)) call(slot, slot + 2, slot + code.imm[slot]! + 1)
      else go(slot, slot + width)
      continue
    }
    const operation = BPF_OP(op)
    if (operation === BPF_EXIT) continue
    if (operation === BPF_CALL) {
      if (callsAsyncCallback(session, slot)) marks[slot]! |= PRUNE_POINT
      if (callbackRounds && callsSyncCallback(session, slot))
        marks[slot]! |= CALLS_CALLBACK | FORCE_CHECKPOINT | PRUNE_POINT | JUMP_POINT
      if (isIteratorNext(session, slot)) marks[slot]! |= ITER_NEXT | FORCE_CHECKPOINT | PRUNE_POINT
      call(slot, slot + 1, isPseudoCall(code, slot) ? slot + code.imm[slot]! + 1 : null)
    } else if (op === JUMP_TABLE) {
      // arrays of instructions, which hold the targets, are no maps of ours
      const subprogram = session.subprograms[subprogramOf(session, slot)]!
      session.refuse(`no jump tables found for subprog starting at ${subprogram.start}`, -EINVAL)
    } else if (operation === BPF_JA) {
      const to = slot + 1 + (kind === BPF_JMP ? code.off[slot]! : code.imm[slot]!)
      go(slot, to)
      marks[to]! |= PRUNE_POINT | JUMP_POINT
    } else {
      marks[slot]! |= PRUNE_POINT
      if (isMayGoto(code, slot)) marks[slot]! |= FORCE_CHECKPOINT | MAY_GOTO
      go(slot, slot + 1)
      branch(slot, slot + 1 + code.off[slot]!)
    }
  }
}

/** A function changes the packet when it, or one it calls, calls a helper that does. */
const findPacketChanges = (session: Session): void => {
  const { code, subprograms } = session
  const callers: number[][] = subprograms.map(() => [])
  const found: number[] = []
  for (let slot = 0; slot < code.length; slot++) {
    const owner = subprogramOf(session, slot)
    if (isHelperCall(code, slot) && helperChangesPacket(code.imm[slot]!)) found.push(owner)
    else if (isPseudoCall(code, slot) || isPseudoFunc(code, slot))
      callers[subprogramAt(session, slot + code.imm[slot]! + 1)]?.push(owner)
    if (code.op[slot] === LD_IMM64) slot++
  }
  while (found.length > 0) {
    const sub = found.pop()!
    if (subprograms[sub]!.changesPacket) continue
    subprograms[sub]!.changesPacket = true
    found.push(...callers[sub]!)
  }
}

export const checkFlowGraph = (session: Session): void => {
  const { code } = session
  const visited = new Uint8Array(code.length)
  explore(session, 0, visited)
  if (!session.hasBpf || !session.kernel.features.anyBackEdge) checkBackEdges(session)
  if (session.exceptionCallback > 0) explore(session, session.subprograms[session.exceptionCallback]!.start, visited)
  for (let slot = 0; slot < code.length; slot++) {
    if (visited[slot] === 0) session.refuse(`unreachable insn ${slot}`, -EINVAL)
    if (code.op[slot] === LD_IMM64) {
      slot++
      if (visited[slot] === 1) session.refuse(`jump into the middle of ldimm64 insn ${slot - 1}`, -EINVAL)
    }
  }
  findPacketChanges(session)
}
