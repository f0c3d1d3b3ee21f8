/** Conditional jumps: which sides are possible, what each learns, and which registers learn with the compared ones. */
import { BPF_CLASS, BPF_JA, BPF_JCOND, BPF_JEQ, BPF_JMP32, BPF_JNE, BPF_OP, BPF_X, EINVAL } from '@lsmkit/abi'
import { liveSide, ownTaken, refined, reverseOp, scalarTaken, swapOp } from './branch-scalar.ts'
import { learntFromConstants, takenByConstant } from './constant-compares.ts'
import { noteInsn } from './history.ts'
import { toNumber } from './i64.ts'
import { isConst, immNum } from './num.ts'
import { learnNullness, notNull } from './nullness.ts'
import { matchPacketCompare, packetTaken } from './packet-compare.ts'
import { markPrecise } from './precision.ts'
import { previousEntry, widenAgainst } from './prune.ts'
import type { Reg } from './reg.ts'
import { ADD_CONST, ANY_SCALAR, baseId, fork, scalar } from './reg.ts'
import {
  ALLOC, baseOf, CONST_PTR_TO_MAP, flagsOf, isPacket, maybeNull, NON_OWN_REF, PTR_TO_BTF_ID, PTR_TO_BUF, PTR_TO_MAP_KEY,
  PTR_TO_MAP_VALUE, PTR_TO_MEM, PTR_TO_PACKET_END, PTR_TO_SOCK_COMMON, PTR_TO_SOCKET, PTR_TO_STACK, PTR_TO_TCP_SOCK,
  PTR_TO_XDP_SOCK, SCALAR, STACK_SPILL, TRUSTED, RCU,
} from './reg-type.ts'
import { checkedReg, isAddress, keepAddress, readReg, withNum } from './registers.ts'
import { addDelta } from './scalar-alu.ts'
import type { Session } from './session.ts'
import { frameOfLink, isSlotLink, numberOfLink, registerLink, slotLink } from './link.ts'
import { isMayGoto } from './shape.ts'
import { pushSpeculative } from './speculation.ts'
import type { State } from './state.ts'
import { MAX_OFFSET } from './stack.ts'

const MAX_LINKED = 6

const isPointer = (reg: Reg): boolean => reg.type !== SCALAR

const neverNull = new Set([
  PTR_TO_SOCKET, PTR_TO_TCP_SOCK, PTR_TO_XDP_SOCK, PTR_TO_BUF, PTR_TO_MAP_VALUE, PTR_TO_MAP_KEY, PTR_TO_SOCK_COMMON,
  PTR_TO_MEM, CONST_PTR_TO_MAP,
])

/** A reference is held, or the flags say that the kernel keeps the object. */
export const isTrusted = (reg: Reg): boolean => {
  if (reg.ref !== 0) return true
  const base = baseOf(reg.type)
  if (base === PTR_TO_SOCKET || base === PTR_TO_SOCK_COMMON || base === PTR_TO_TCP_SOCK ||
    reg.type === CONST_PTR_TO_MAP) return true
  const trusted = ALLOC | TRUSTED | NON_OWN_REF
  return (flagsOf(reg.type) & trusted) !== 0 && (flagsOf(reg.type) & ~trusted) === 0
}

export const isRcu = (reg: Reg): boolean => (reg.type & RCU) !== 0

/** As `reg_not_null`: a pointer that cannot be 0, wherever it was moved to. */
const cannotBeNull = (reg: Reg): boolean => {
  if (maybeNull(reg.type)) return false
  const { num } = reg
  if (toNumber(num.sminl, num.sminh) <= -MAX_OFFSET || toNumber(num.smaxl, num.smaxh) >= MAX_OFFSET) return false
  const base = baseOf(reg.type)
  return neverNull.has(base) || (base === PTR_TO_BTF_ID && isTrusted(reg))
}

const isPacketOrEnd = (reg: Reg): boolean => isPacket(reg.type) || baseOf(reg.type) === PTR_TO_PACKET_END

const taken = (session: Session, op: number, wide: boolean, a: Reg, b: Reg, isOne: boolean): number => {
  if (wide && isPacketOrEnd(a) && isPacketOrEnd(b)) return packetTaken(op, a, b)
  const { features } = session.kernel
  if (!features.rangeCompares) return takenOld(session, op, wide, a, b)
  if (!isPointer(a) && !isPointer(b)) {
    if (isOne && session.kernel.features.ownCompares) return ownTaken(op, wide, a.num)
    const way = scalarTaken(op, wide, a.num, b.num)
    return way < 0 && session.kernel.features.deadSides ? liveSide(op, wide, a.num, b.num) : way
  }
  // the lower half of an address may well be 0
  if (!wide && !session.kernel.features.pointersByLowHalf) return -1
  const isKnown = (reg: Reg): boolean => reg.type === SCALAR && (wide ? isConst(reg.num) : reg.num.ml === 0)
  const swap = !isKnown(b)
  const [pointer, constant] = swap ? [b, a] : [a, b]
  if (!isKnown(constant) || !cannotBeNull(pointer)) return -1
  if (constant.num.vl !== 0 || (wide && constant.num.vh !== 0)) return -1
  const what = swap ? swapOp(op) : op
  return what === BPF_JEQ ? 0 : what === BPF_JNE ? 1 : -1
}

/** Where one side is a constant alone; the low half of an address counts as the whole. */
const takenOld = (session: Session, op: number, wide: boolean, a: Reg, b: Reg): number => {
  if (isPointer(b)) return -1
  if (!isPointer(a)) return takenByConstant(op, wide, a.num, b.num)
  const isZeroTest = (wide ? isConst(b.num) && b.num.vh === 0 : b.num.ml === 0) && b.num.vl === 0
  const { keysNotNull } = session.kernel.features
  if (!isZeroTest || !neverNullOld.has(a.type) || (a.type === PTR_TO_MAP_KEY && !keysNotNull)) return -1
  return op === BPF_JEQ ? 0 : op === BPF_JNE ? 1 : -1
}

const neverNullOld =
  new Set([PTR_TO_SOCKET, PTR_TO_TCP_SOCK, PTR_TO_MAP_VALUE, PTR_TO_MAP_KEY, PTR_TO_SOCK_COMMON])

/** Registers and spilled scalars that share the id, current frame first; those beyond the sixth lose it. */
const collectLinked = (session: Session, id: number, links: number[]): void => {
  const { frames } = session.state
  const base = baseId(id)
  const { linkedHistory, narrowSpillsLinked } = session.kernel.features
  const most = linkedHistory ? MAX_LINKED : Infinity
  const shown = narrowSpillsLinked ? 7 : 0
  for (let f = frames.length - 1; f >= 0; f--) {
    const frame = frames[f]!
    for (let i = 0; i < 10; i++) {
      const reg = frame.regs[i]!
      if (reg.type !== SCALAR || reg.id === 0 || baseId(reg.id) !== base) continue
      if (links.length < most) links.push(registerLink(f, i))
      else frame.regs[i] = unlinked(reg)
    }
    for (let slot = 0; slot < frame.slots.length; slot++) {
      const reg = frame.slots[slot]!
      const isSaved = frame.kinds[slot * 8 + shown] === STACK_SPILL
      if (!isSaved || reg.type !== SCALAR || reg.id === 0 || baseId(reg.id) !== base) continue
      if (links.length < most) links.push(slotLink(f, slot))
      else frame.slots[slot] = unlinked(reg)
    }
  }
}

const unlinked = (reg: Reg): Reg => {
  const to = fork(reg)
  to.id = 0
  return to
}

/** What was learnt of `known` holds for every linked register, shifted where they differ by a constant. */
const syncLinked = (state: State, number: number, links: readonly number[]): void => {
  const known = state.frame.regs[number]!
  const self = registerLink(state.frames.length - 1, number)
  for (const link of links) {
    if (link === self) continue
    const frame = state.frames[frameOfLink(link)]!
    const at = numberOfLink(link)
    const isSlot = isSlotLink(link)
    const reg = isSlot ? frame.slots[at]! : frame.regs[at]!
    if (reg.type !== SCALAR || baseId(reg.id) !== baseId(known.id)) continue
    const plain = ((reg.id | known.id) & ADD_CONST) === 0 || reg.off === known.off
    const isMixed = (reg.id & known.id & ADD_CONST) !== 0 && reg.size !== known.size
    if (isMixed) continue
    let next = known
    if (!plain) {
      next = fork(known)
      next.off = reg.off
      next.id = reg.id
      next.size = reg.size
      next.num = addDelta(known.num, reg.off - known.off, (reg.size | known.size) !== 0)
    }
    if (isSlot) frame.slots[at] = next
    else frame.regs[at] = next
  }
}

const mayGoto = (session: Session, slot: number): void => {
  const { code } = session
  const off = code.off[slot]!
  if (!isMayGoto(code, slot) || code.src[slot] !== 0 || code.dst[slot] !== 0 || code.imm[slot] !== 0 ||
    (off === 0 && !session.kernel.features.mayGotoZero))
    session.refuse(`invalid may_goto off ${off} imm ${code.imm[slot]}`, -EINVAL)
  const { parent } = session.state
  const previous = parent === null ? null : previousEntry(session, parent, slot)
  const queued = session.push(slot + 1, slot)
  queued.mayGotoDepth++
  if (previous !== null) widenAgainst(session, previous, queued)
  session.insn = slot + off + 1
}

const refineSides = (session: Session, slot: number, op: number, wide: boolean, a: Reg, b: Reg, other: State): void => {
  const { code, frame } = session
  const isX = (code.op[slot]! & BPF_X) !== 0
  const dst = code.dst[slot]!
  const src = code.src[slot]!
  if (a.type !== SCALAR || b.type !== SCALAR) return
  const same = isX && dst === src
  if (!session.kernel.features.rangeCompares) {
    const { held, failed } = learntFromConstants(op, wide, a.num, b.num)
    const sides = [[other.frame, held], [frame, failed]] as const
    for (const [side, [left, right]] of sides) {
      side.regs[dst] = withNum(side.regs[dst]!, left)
      if (isX && !same) side.regs[src] = withNum(side.regs[src]!, right)
    }
    session.scratchReg(dst)
    return
  }
  const [otherA, otherB] = refined(op, wide, a.num, b.num, same)
  const [thisA, thisB] = refined(reverseOp(op), wide, a.num, b.num, same)
  other.frame.regs[dst] = checkedReg(session, withNum(other.frame.regs[dst]!, otherA), 'true_reg1')
  if (isX && !same) other.frame.regs[src] = checkedReg(session, withNum(other.frame.regs[src]!, otherB), 'true_reg2')
  else checkedReg(session, withNum(b, otherB), 'true_reg2')
  session.put(frame, dst, checkedReg(session, withNum(frame.regs[dst]!, thisA), 'false_reg1'))
  if (isX && !same) session.put(frame, src, checkedReg(session, withNum(frame.regs[src]!, thisB), 'false_reg2'))
  else checkedReg(session, withNum(b, thisB), 'false_reg2')
}

/** A pointer that may be NULL equals one that cannot be: then it is not either. */
const learnFromEqual = (session: Session, op: number, dst: number, src: number, other: State): void => {
  const { frame } = session
  const a = frame.regs[dst]!
  const b = frame.regs[src]!
  if (!isPointer(a) || !isPointer(b)) return
  if (baseOf(a.type) === PTR_TO_BTF_ID || baseOf(b.type) === PTR_TO_BTF_ID) return
  const equal = op === BPF_JEQ ? other.frame : op === BPF_JNE ? frame : null
  if (equal === null) return
  if (cannotBeNull(a) && maybeNull(b.type)) equal.regs[src] = notNull(equal.regs[src]!)
  if (cannotBeNull(b) && maybeNull(a.type)) equal.regs[dst] = notNull(equal.regs[dst]!)
}

/** The side that is not taken, as it runs when it is guessed: what was compared may have any value. */
const guessOther = (session: Session, insn: number, dst: number, src: number): void => {
  const { frame } = pushSpeculative(session, insn)
  frame.regs[dst] = ANY_SCALAR
  frame.regs[src] = ANY_SCALAR
}

const showState = (session: Session, slot: number): void => {
  if (session.log.enabled) session.log.state(slot, session.changesText())
}

/** Sets where the walk goes on: behind the jump, or at its target. */
export const checkJump = (session: Session, slot: number): void => {
  const { code } = session
  const opcode = code.op[slot]!
  const op = BPF_OP(opcode)
  const wide = BPF_CLASS(opcode) !== BPF_JMP32
  if (op === BPF_JA || op > BPF_JCOND) session.refuse(`invalid BPF_JMP/JMP32 opcode ${op.toString(16)}`, -EINVAL)
  if (op === BPF_JCOND) return mayGoto(session, slot)
  const isX = (opcode & BPF_X) !== 0
  const dst = code.dst[slot]!
  const src = code.src[slot]!
  const off = code.off[slot]!
  const checkReserved = (): void => {
    if (isX ? code.imm[slot] !== 0 : src !== 0) session.refuse('BPF_JMP/JMP32 uses reserved fields', -EINVAL)
  }
  if (!session.kernel.features.jumpReadsFirst) checkReserved()
  const a = readReg(session, dst)
  checkReserved()
  const b = isX ? readReg(session, src) : scalar(immNum(code.imm[slot]!))
  if (isX && isAddress(session, src) && !(isPacketOrEnd(a) && isPacketOrEnd(b)))
    session.refuse(`R${src} pointer comparison prohibited`)
  const stackOperands = (a.type === PTR_TO_STACK ? 1 : 0) | (isX && b.type === PTR_TO_STACK ? 2 : 0)
  if (stackOperands !== 0) noteInsn(session, { stackOperands })
  const way = taken(session, op, wide, a, b, isX && dst === src)
  if (way >= 0) {
    if (!isPointer(a)) markPrecise(session, dst)
    if (isX && !isPointer(b)) markPrecise(session, src)
    if (!session.bypassesSpec) guessOther(session, way === 1 ? slot + 1 : slot + off + 1, dst, isX ? src : dst)
    showState(session, slot)
    session.insn = way === 1 ? slot + off + 1 : slot + 1
    return
  }
  splitPath(session, slot, op, wide)
  session.insn = slot + 1
}

const splitPath = (session: Session, slot: number, op: number, wide: boolean): void => {
  const { code, frame } = session
  const isX = (code.op[slot]! & BPF_X) !== 0
  const dst = code.dst[slot]!
  const src = code.src[slot]!
  const links: number[] = []
  const first = isX ? frame.regs[src]! : null
  if (first !== null && first.type === SCALAR && first.id !== 0) collectLinked(session, first.id, links)
  const second = frame.regs[dst]!
  if (second.type === SCALAR && second.id !== 0 &&
    (first === null || first.type !== SCALAR || baseId(first.id) !== baseId(second.id)))
    collectLinked(session, second.id, links)
  if (links.length > 1 && session.kernel.features.linkedHistory) noteInsn(session, { linked: links })
  const a = frame.regs[dst]!
  const b = isX ? frame.regs[src]! : scalar(immNum(code.imm[slot]!))
  const other = session.push(slot + code.off[slot]! + 1, slot)
  refineSides(session, slot, op, wide, a, b, other)
  const learnsRight = a.type === SCALAR || session.kernel.features.rangeCompares
  if (isX && b.type === SCALAR && b.id !== 0 && learnsRight) {
    syncLinked(session.state, src, links)
    syncLinked(other, src, links)
  }
  if (a.type === SCALAR && a.id !== 0) {
    syncLinked(session.state, dst, links)
    syncLinked(other, dst, links)
  }
  if (wide && isX && session.kernel.features.equalPointersNotNull) learnFromEqual(session, op, dst, src, other)
  const isNullTest = wide && !isX && code.imm[slot] === 0 && (op === BPF_JEQ || op === BPF_JNE) && maybeNull(a.type)
  if (isNullTest) {
    learnNullness(session, session.state, dst, op === BPF_JNE)
    learnNullness(session, other, dst, op === BPF_JEQ)
  } else if (!(wide && isX && matchPacketCompare(session, op, dst, src, other)))
    keepAddress(session, dst, 'pointer comparison prohibited')
  showState(session, slot)
}
