/** The functions of a program: where each begins, what is known of it before the walk. */
import type { Session } from './session.ts'
import type { Subprogram } from './subprogram.ts'
import { EXIT, isHelperCall, isKfuncCall, isPseudoCall, isPseudoFunc, JUMP, JUMP32, JUMP_TABLE } from './shape.ts'
import {
  BPF_ABS, BPF_CALL, BPF_CLASS, BPF_EXIT, BPF_FUNC_tail_call, BPF_IND, BPF_JMP, BPF_JMP32, BPF_LD, BPF_MODE, BPF_OP,
  E2BIG, EINVAL, EPERM,
} from '@lsmkit/abi'

const refuseCalls = (session: Session): never =>
  session.refuse('loading/calling other bpf or kernel functions are allowed for CAP_BPF and CAP_SYS_ADMIN', -EPERM)

/** Functions that a kernel counts by calls alone: the program has types for more, or a load that is not known. */
const refusePointer = (session: Session): never =>
  session.refuse(session.btf === null
    ? 'unrecognized bpf_ld_imm64 insn' : "number of funcs in func_info doesn't match number of subprogs", -EINVAL)

const starts = (session: Session): number[] => {
  const { code } = session
  const found = new Set([0])
  for (let slot = 0; slot < code.length; slot++) {
    if (session.kernel.features.kfuncs && isKfuncCall(code, slot) && !session.hasBpf) refuseCalls(session)
    const isPointer = isPseudoFunc(code, slot)
    if (!isPseudoCall(code, slot) && !isPointer) continue
    if (isPointer && !session.kernel.features.functionPointers) refusePointer(session)
    if (!session.hasBpf) refuseCalls(session)
    const target = slot + code.imm[slot]! + 1
    if (target < 0 || target >= code.length) session.refuse('call to invalid destination', -EINVAL)
    found.add(target)
    if (found.size > session.kernel.limits.functions) session.refuse('too many subprograms', -E2BIG)
  }
  for (const { start } of session.program.subprograms) if (start < code.length) found.add(start)
  return [...found].sort((a, b) => a - b)
}

/** Every function that a call or a function pointer names, in the order of the code. */
export const findSubprograms = (session: Session): Subprogram[] => {
  const named = new Map(session.program.subprograms.map((sub) => [sub.start, sub]))
  const all = starts(session)
  const list = all.map((start, i): Subprogram => {
    const spec = named.get(start)
    return {
      name: spec?.name ?? '',
      start,
      end: all[i + 1] ?? session.code.length,
      typeId: spec?.typeId ?? 0,
      isGlobal: i > 0 && (spec?.isGlobal ?? false),
      stackDepth: 0,
      fastcallOff: 0,
      keepsFastcallStack: false,
      hasTailCall: false,
      hasLdAbs: false,
      isCallback: false,
      isAsyncCallback: false,
      isExceptionCallback: false,
      changesPacket: false,
      called: false,
      verified: false,
      arguments: null,
    }
  })
  if (session.log.verbose) for (const [i, sub] of list.entries()) session.say(`func#${i} @${sub.start}`)
  return list
}

export const subprogramAt = (session: Session, slot: number): number =>
  session.subprograms.findIndex(({ start }) => start === slot)

export const subprogramOf = (session: Session, slot: number): number => {
  let low = 0
  let high = session.subprograms.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (session.subprograms[middle]!.start <= slot) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Jumps stay in their function; each function ends in an exit or a jump. */
export const checkSubprogramShapes = (session: Session): void => {
  const { code, kernel } = session
  const isIndirect = (op: number): boolean => op === JUMP_TABLE && kernel.features.indirectJumps
  for (const sub of session.subprograms) {
    for (let slot = sub.start; slot < sub.end; slot++) {
      const op = code.op[slot]!
      const kind = BPF_CLASS(op)
      if (isHelperCall(code, slot) && code.imm[slot] === BPF_FUNC_tail_call) sub.hasTailCall = true
      if (kind === BPF_LD && (BPF_MODE(op) === BPF_ABS || BPF_MODE(op) === BPF_IND)) sub.hasLdAbs = true
      if (kind !== BPF_JMP && kind !== BPF_JMP32) continue
      const operation = BPF_OP(op)
      if (operation === BPF_CALL || operation === BPF_EXIT || isIndirect(op)) continue
      const target = slot + 1 + (op === JUMP32 ? code.imm[slot]! : code.off[slot]!)
      if (target < sub.start || target >= sub.end)
        session.refuse(`jump out of range from insn ${slot} to ${target}`, -EINVAL)
    }
    const op = code.op[sub.end - 1]!
    if (op !== EXIT && op !== JUMP && op !== JUMP32 && !isIndirect(op))
      session.refuse('last insn is not an exit or jmp', -EINVAL)
  }
}

/** A function of the program whose type says that it returns nothing, where functions may. */
export const returnsVoid = ({ kernel, btf, subprograms }: Session, subprog: number): boolean => {
  const proto = btf === null || !kernel.features.voidGlobals ? null : btf.proto(subprograms[subprog]!.typeId)
  return proto !== null && btf!.resolved(proto.type).kind === 'void'
}
