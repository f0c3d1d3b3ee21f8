/** Through which calls a program came to a slot, as far as there is only one way. */
import { BPF_CALL, BPF_JMP, BPF_PSEUDO_CALL, BPF_PSEUDO_FUNC } from '@lsmkit/abi'
import type { Code } from '../insn/code.ts'
import { isWide } from '../insn/disasm.ts'
import type { Subprogram } from '../object/bpf-object.ts'

export interface Frame {
  /** Index of the subprogram. */
  readonly subprogram: number
  /** Where it goes on; its first slot where it is not known from which of its calls. */
  readonly slot: number
}

const subprogramAt = (subprograms: readonly Subprogram[], slot: number): number =>
  subprograms.findLastIndex(({ start }) => start <= slot)

/** Slots that call a subprogram, or hand it to a helper that does. */
const callersOf = (code: Code, start: number): number[] => {
  const slots: number[] = []
  for (let slot = 0; slot < code.length; slot++) {
    const isPair = isWide(code.op[slot]!)
    const isFunction = isPair && code.src[slot] === BPF_PSEUDO_FUNC
    const isCall = code.op[slot] === (BPF_JMP | BPF_CALL) && code.src[slot] === BPF_PSEUDO_CALL
    const target = slot + 1 + code.imm[slot]!
    if ((isFunction || isCall) && target === start) slots.push(slot)
    if (isPair) slot++
  }
  return slots
}

/**
 * Innermost first. Where several ways lead to a subprogram the frames in between are left out, and the entry, which
 * every way begins with, is the last.
 */
export const callChain = (code: Code, subprograms: readonly Subprogram[], slot: number): Frame[] => {
  const chain: Frame[] = []
  let at = slot
  let subprogram = subprogramAt(subprograms, slot)
  // a verified program does not recurse; another may, and has no more frames than functions here
  while (chain.length < subprograms.length) {
    chain.push({ subprogram, slot: at + 1 })
    if (subprogram <= 0) return chain
    const callers = callersOf(code, subprograms[subprogram]!.start)
    if (callers.length === 0) return chain
    const owners = new Set(callers.map((caller) => subprogramAt(subprograms, caller)))
    if (owners.size > 1) break
    subprogram = [...owners][0]!
    at = callers.length === 1 ? callers[0]! : subprograms[subprogram]!.start - 1
  }
  return [...chain, { subprogram: 0, slot: 0 }]
}
