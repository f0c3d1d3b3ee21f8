/** Stack that calls add up to, along every chain of functions; and what may not be called from where. */
import { BPF_PROG_TYPE_RAW_TRACEPOINT, E2BIG, EACCES, EINVAL } from '@lsmkit/abi'
import { kfuncName } from './callback-calls.ts'
import type { Session } from './session.ts'
import { isKfuncCall, isMayGoto, isPseudoCall, isPseudoFunc, LD_IMM64 } from './shape.ts'
import { subprogramAt } from './subprograms.ts'

const MAX_STACK = 512
/** A frame of compiled code takes a multiple of this. */
const UNIT = 16
const TAIL_CALL_LIMIT = 256
/** A smaller frame lies on the kernel's stack. */
const PRIVATE_STACK_MIN = 64

const rounded = (depth: number): number => Math.ceil(depth / UNIT) * UNIT

interface Visit {
  /** Frames of some size have a stack of their own: functions that do not, however large their frame. */
  readonly privateBut: ReadonlySet<number> | null
  readonly seen: Map<number, { depth: number, frames: number }>
  readonly chain: number[]
  /** A function that was reached makes tail calls. */
  makesTailCalls: boolean
}

const descend = (session: Session, index: number, before: number, visit: Visit): void => {
  const sub = session.subprograms[index]!
  const frames = visit.chain.length
  if (sub.hasLdAbs && sub.isCallback) session.refuse('cannot use BPF_LD_[ABS|IND] within callback', -EINVAL)
  if (index !== 0 && sub.hasTailCall && before >= TAIL_CALL_LIMIT)
    session.refuse(`tail_calls are not allowed when call stack of previous frames is ${before} bytes. Too large`)
  const own = rounded(sub.stackDepth)
  const isPrivate = visit.privateBut !== null && own >= PRIVATE_STACK_MIN && !visit.privateBut.has(index)
  if (isPrivate && own > MAX_STACK) session.refuse(`stack size of subprog ${index} is ${own}. Too large`, -EACCES)
  const depth = isPrivate ? before : before + own
  if (depth > MAX_STACK) session.refuse(`combined stack size of ${frames + 1} calls is ${depth}. Too large`, -EACCES)
  const seen = visit.seen.get(index)
  if (seen !== undefined && seen.depth >= depth && seen.frames >= frames) return
  visit.seen.set(index, { depth, frames })
  visit.chain.push(index)
  for (let slot = sub.start; slot < sub.end; slot++) {
    const called = calledFrom(session, slot, visit.chain)
    if (called >= 0) {
      visit.makesTailCalls ||= session.subprograms[called]!.hasTailCall
      if (visit.chain.length >= session.kernel.limits.frames)
        session.refuse(`the call stack of ${visit.chain.length} frames is too deep !`, -E2BIG)
      descend(session, called, depth, visit)
    }
    if (session.code.op[slot] === LD_IMM64) slot++
  }
  visit.chain.pop()
  if (visit.makesTailCalls && visit.chain.some((caller) => session.subprograms[caller]!.isExceptionCallback))
    session.refuse('cannot tail call within exception cb', -EINVAL)
}

/** The function that the instruction runs in this program's stack; -1 for none. */
const calledFrom = (session: Session, slot: number, chain: readonly number[]): number => {
  const { code, subprograms } = session
  if (isKfuncCall(code, slot)) {
    if (kfuncName(session, slot) !== 'bpf_throw') return -1
    if (chain.some((index) => subprograms[index]!.isCallback))
      session.refuse(`bpf_throw kfunc (insn ${slot}) cannot be called from callback subprog ${chain[chain.length - 1]}`,
        -EINVAL)
    return -1
  }
  const isCall = isPseudoCall(code, slot)
  if (!isCall && !isPseudoFunc(code, slot)) return -1
  const index = subprogramAt(session, slot + code.imm[slot]! + 1)
  const sub = subprograms[index]!
  if (sub.isAsyncCallback && !isCall) return -1
  if (sub.isExceptionCallback) session.refuse(`insn ${slot} cannot call exception cb directly`, -EINVAL)
  return index
}

/** As `bpf_enable_priv_stack`: what may run again while it runs, and makes no tail calls. */
const hasPrivateStack = ({ kernel, letter, program, subprograms }: Session): boolean => {
  if (!kernel.features.privateStack || subprograms.some((sub) => sub.hasTailCall)) return false
  return 'PteFB'.includes(letter) || program.type === BPF_PROG_TYPE_RAW_TRACEPOINT
}

/** Functions that run asynchronously share the kernel's stack, and so do their callees: they come first. */
export const checkStackDepth = (session: Session): void => {
  const shared = new Set<number>()
  const order = session.subprograms.map((_, index) => index)
  if (session.kernel.features.privateStack) order.reverse()
  for (const index of order) {
    const sub = session.subprograms[index]!
    if (index !== 0 && !sub.isAsyncCallback && !sub.isExceptionCallback) continue
    const seen: Visit['seen'] = new Map()
    const privateBut = index === 0 && hasPrivateStack(session) ? shared : null
    descend(session, index, 0, { privateBut, seen, chain: [], makesTailCalls: false })
    for (const one of seen.keys()) shared.add(one)
  }
}

/** Registers that a loop compiled in place keeps on the stack, and the counter of a may_goto. */
const LOOP_STACK = 24
const MAY_GOTO_STACK = 8

/** Stack that the rewritten code takes on top of the program's own. */
export const addRewriteStack = (session: Session): void => {
  for (const sub of session.subprograms) {
    let loops = false
    let mayGoto = false
    for (let slot = sub.start; slot < sub.end; slot++) {
      if (isMayGoto(session.code, slot)) mayGoto = true
      if ((session.inlineLoops.get(slot) ?? -1) >= 0) loops = true
      if (session.code.op[slot] === LD_IMM64) slot++
    }
    if (loops) sub.stackDepth = Math.ceil(sub.stackDepth / 8) * 8 + LOOP_STACK
    if (mayGoto) sub.stackDepth += MAY_GOTO_STACK
  }
}
