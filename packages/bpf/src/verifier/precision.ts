/**
 * Precision: scalars whose exact value decided something. It is found backward: from the use, through the instructions
 * that made the value, up to stored states, whose registers are then compared by value; all others match anything.
 */
import {
  BPF_ABS, BPF_ALU, BPF_ALU64, BPF_ATOMIC, BPF_CALL, BPF_CLASS, BPF_CMPXCHG, BPF_END, BPF_EXIT, BPF_FETCH, BPF_IND,
  BPF_JA, BPF_LD, BPF_LDX, BPF_MODE, BPF_MOV, BPF_NEG, BPF_OP, BPF_PSEUDO_KFUNC_CALL, BPF_SRC, BPF_ST, BPF_STX, EFAULT,
} from '@lsmkit/abi'
import { Trail } from './history.ts'
import { SCALAR, STACK_SPILL } from './reg-type.ts'
import type { Session } from './session.ts'
import { CALLS_CALLBACK } from './session.ts'
import { callsSyncCallback } from './callback-calls.ts'
import { frameOfLink, isSlotLink, numberOfLink } from './link.ts'
import { isPseudoCall } from './shape.ts'
import type { Frame, History, State } from './state.ts'
import { LIVE_READ, setPrecise, setSlotPrecise } from './state.ts'
import { subprogramAt } from './subprograms.ts'

const ARGUMENTS = 0b111110
const FRAMES = 8

const none: readonly number[] = []

/** Registers and slots wanted precise, by frame. */
class Wanted {
  readonly regs = new Int32Array(FRAMES)
  readonly slots: (readonly number[])[] = [none, none, none, none, none, none, none, none]
  frame: number

  constructor(frame: number) {
    this.frame = frame
  }

  get empty(): boolean {
    for (let f = 0; f <= this.frame; f++) if (this.regs[f] !== 0 || this.slots[f]!.length > 0) return false
    return true
  }

  has(reg: number): boolean {
    return (this.regs[this.frame]! & (1 << reg)) !== 0
  }

  want(reg: number, frame = this.frame): void {
    if (reg < 10) this.regs[frame]! |= 1 << reg
  }

  drop(reg: number, frame = this.frame): void {
    this.regs[frame]! &= ~(1 << reg)
  }

  hasSlot(frame: number, slot: number): boolean {
    return this.slots[frame]!.includes(slot)
  }

  wantSlot(frame: number, slot: number): void {
    if (!this.hasSlot(frame, slot)) this.slots[frame] = [...this.slots[frame]!, slot]
  }

  dropSlot(frame: number, slot: number): void {
    const left = this.slots[frame]!.filter((other) => other !== slot)
    this.slots[frame] = left.length === 0 ? none : left
  }

  /** As the log shows a frame: `regs=r1,r2 stack=-8`. */
  regsText(frame: number): string {
    const names: string[] = []
    for (let i = 0; i < 10; i++) if ((this.regs[frame]! & (1 << i)) !== 0) names.push(`r${i}`)
    return names.join(',')
  }

  slotsText(frame: number): string {
    return [...this.slots[frame]!].sort((a, b) => a - b).map((slot) => `${-(slot + 1) * 8}`).join(',')
  }
}

const isLinkWanted = (wanted: Wanted, link: number): boolean =>
  isSlotLink(link)
    ? wanted.hasSlot(frameOfLink(link), numberOfLink(link))
    : (wanted.regs[frameOfLink(link)]! & (1 << numberOfLink(link))) !== 0

/** Registers linked at an instruction are wanted together. */
const joinLinked = (wanted: Wanted, links: readonly number[]): void => {
  for (let i = 0; i < links.length; i++) {
    if (!isLinkWanted(wanted, links[i]!)) continue
    for (const link of links) {
      if (isSlotLink(link)) wanted.wantSlot(frameOfLink(link), numberOfLink(link))
      else wanted.want(numberOfLink(link), frameOfLink(link))
    }
    return
  }
}

const bug = (session: Session, text: string): never => session.refuse(`verifier bug: ${text}`, -EFAULT)

const loads = (wanted: Wanted, reg: number, note: History | null): void => {
  if (!wanted.has(reg)) return
  wanted.drop(reg)
  if (note !== null && note.slot >= 0) wanted.wantSlot(note.slotFrame, note.slot)
}

/** What is wanted before the instruction; false when the value cannot be followed. */
const stepBack = (session: Session, wanted: Wanted, slot: number, after: number, note: History | null): boolean => {
  const { code } = session
  const op = code.op[slot]!
  if (op === 0) return true
  if (session.log.verbose) {
    session.log.write(`mark_precise: frame${wanted.frame}: regs=${wanted.regsText(wanted.frame)} ` +
      `stack=${wanted.slotsText(wanted.frame)} before ${slot}: ${session.insnText(slot)}\n`)
  }
  const links = note === null ? null : note.linked
  if (links !== null) joinLinked(wanted, links)
  if (!followInsn(session, wanted, slot, after, note)) return false
  if (links !== null) joinLinked(wanted, links)
  return true
}

const followInsn = (session: Session, wanted: Wanted, slot: number, after: number, note: History | null): boolean => {
  const { code } = session
  const op = code.op[slot]!
  const dst = code.dst[slot]!
  const src = code.src[slot]!
  const isX = BPF_SRC(op) !== 0
  switch (BPF_CLASS(op)) {
    case BPF_ALU:
    case BPF_ALU64: {
      if (!wanted.has(dst)) return true
      const operation = BPF_OP(op)
      if (operation === BPF_NEG || operation === BPF_END) return true
      if (operation === BPF_MOV) wanted.drop(dst)
      if (isX) wanted.want(src)
      return true
    }
    case BPF_LDX:
      loads(wanted, dst, note)
      return true
    case BPF_ST:
    case BPF_STX: {
      const imm = code.imm[slot]!
      if (BPF_CLASS(op) === BPF_STX && BPF_MODE(op) === BPF_ATOMIC && (imm & BPF_FETCH) !== 0) {
        loads(wanted, imm === BPF_CMPXCHG ? 0 : src, note)
        return true
      }
      if (wanted.has(dst)) return false
      if (note === null || note.slot < 0 || !wanted.hasSlot(note.slotFrame, note.slot)) return true
      wanted.dropSlot(note.slotFrame, note.slot)
      if (BPF_CLASS(op) === BPF_STX) wanted.want(src)
      return true
    }
    case BPF_LD:
      if (!wanted.has(dst)) return true
      wanted.drop(dst)
      return BPF_MODE(op) !== BPF_ABS && BPF_MODE(op) !== BPF_IND
    default:
      return followJump(session, wanted, slot, after, note)
  }
}

const leaveFrame = (session: Session, wanted: Wanted, passesArguments: boolean): void => {
  const { frame } = wanted
  if ((wanted.regs[frame]! & ~ARGUMENTS) !== 0 || wanted.slots[frame]!.length > 0)
    bug(session, `wanted registers ${wanted.regs[frame]} at a call`)
  if (frame === 0) bug(session, 'backtracking leaves the first frame')
  if (passesArguments) wanted.regs[frame - 1]! |= wanted.regs[frame]!
  wanted.regs[frame] = 0
  wanted.frame--
}

const followJump = (session: Session, wanted: Wanted, slot: number, after: number, note: History | null): boolean => {
  const { code } = session
  const op = code.op[slot]!
  const operation = BPF_OP(op)
  if (isPseudoCall(code, slot)) {
    const callee = session.subprograms[subprogramAt(session, slot + code.imm[slot]! + 1)]
    if (callee?.isGlobal === true) {
      if ((wanted.regs[wanted.frame]! & ARGUMENTS) !== 0) bug(session, 'arguments wanted after a global call')
      wanted.drop(0)
    } else leaveFrame(session, wanted, true)
    return true
  }
  if (operation === BPF_CALL) {
    if (callsSyncCallback(session, slot) && slot !== after - 1) {
      leaveFrame(session, wanted, false)
      return true
    }
    if (code.src[slot] === BPF_PSEUDO_KFUNC_CALL && code.imm[slot] === 0) return false
    wanted.drop(0)
    if ((wanted.regs[wanted.frame]! & ARGUMENTS) !== 0) bug(session, 'arguments wanted after a call')
    return true
  }
  if (operation === BPF_EXIT) {
    if (after >= 0 && (session.marks[after]! & CALLS_CALLBACK) !== 0) wanted.regs[wanted.frame]! &= ~ARGUMENTS
    if ((wanted.regs[wanted.frame]! & ARGUMENTS) !== 0) bug(session, 'arguments wanted after a return')
    const wantsResult = after - 1 >= 0 && isPseudoCall(code, after - 1) && wanted.has(0)
    wanted.drop(0)
    if (wanted.frame === FRAMES - 1) bug(session, 'backtracking enters too many frames')
    wanted.frame++
    if (wantsResult) wanted.want(0)
    return true
  }
  if (BPF_SRC(op) !== 0 && operation !== BPF_JA) {
    const dst = code.dst[slot]!
    const src = code.src[slot]!
    if (!wanted.has(dst) && !wanted.has(src)) return true
    const stack = note?.stackOperands ?? 0
    if ((stack & 2) === 0) wanted.want(src)
    if ((stack & 1) === 0) wanted.want(dst)
  }
  return true
}

/** Gives up: every scalar on the way here becomes precise. */
const markAllPrecise = (session: Session): void => {
  const { state } = session
  if (session.log.verbose)
    session.say(`mark_precise: frame${state.frames.length - 1}: falling back to forcing all scalars precise`)
  for (let at = state.parent; at !== null; at = at.parent) {
    for (const [f, frame] of at.frames.entries()) {
      for (let i = 0; i < 10; i++) {
        if (frame.regs[i]!.type !== SCALAR || frame.precise[i] === 1) continue
        setPrecise(frame, i)
        if (session.log.verbose) session.say(`force_precise: frame${f}: forcing r${i} to be precise`)
      }
      for (let i = 0; i < frame.slots.length; i++) {
        if (frame.kinds[i * 8 + 7] !== STACK_SPILL || frame.slots[i]!.type !== SCALAR || frame.slotPrecise[i] === 1)
          continue
        setSlotPrecise(frame, i)
        if (session.log.verbose) session.say(`force_precise: frame${f}: forcing fp${-(i + 1) * 8} to be precise`)
      }
    }
  }
}

/** Marks what is wanted in a stored state; what is precise already, or no scalar, is wanted no longer. */
const markIn = (session: Session, wanted: Wanted, state: State): void => {
  for (let f = wanted.frame; f >= 0; f--) {
    const frame = state.frames[f]!
    for (let i = 0; i < 10; i++) {
      if ((wanted.regs[f]! & (1 << i)) === 0) continue
      if (frame.regs[i]!.type !== SCALAR || frame.precise[i] === 1) wanted.drop(i, f)
      else setPrecise(frame, i)
    }
    for (const slot of wanted.slots[f]!.slice()) {
      if (slot >= frame.slots.length) bug(session, `backtracking to stack slot ${slot} of ${frame.slots.length}`)
      const isScalar = frame.kinds[slot * 8 + 7] === STACK_SPILL && frame.slots[slot]!.type === SCALAR
      if (!isScalar || frame.slotPrecise[slot] === 1) wanted.dropSlot(f, slot)
      else setSlotPrecise(frame, slot)
    }
    if (session.log.verbose) {
      session.log.write(
        `mark_precise: frame${f}: parent state regs=${wanted.regsText(f)} stack=${wanted.slotsText(f)}: ` +
        `${session.wholeText(frame)}\n`)
    }
  }
}

const isEntryOfGlobal = (state: State, wanted: Wanted): boolean =>
  state.frames.length === 1 && state.frame.subprog > 0 && state.frame.callsite === -1 &&
  wanted.slots[0]!.length === 0 && (wanted.regs[0]! & ~ARGUMENTS) === 0

const follow = (session: Session, wanted: Wanted): void => {
  let state: State = session.state
  let last = session.insn
  let after = -1
  let isFirst = true
  while (!wanted.empty) {
    if (session.log.verbose) {
      session.say(
        `mark_precise: frame${wanted.frame}: last_idx ${last} first_idx ${state.firstInsn} subseq_idx ${after} `)
    }
    if (last < 0) {
      if (!isEntryOfGlobal(state, wanted)) bug(session, `backtracking func entry subprog ${state.frame.subprog}`)
      for (let i = 1; i <= 5; i++) if (wanted.has(i) && state.frame.regs[i]!.type === SCALAR) setPrecise(state.frame, i)
      return
    }
    const trail = new Trail(state.history, state.firstInsn, last)
    do {
      if (isFirst) isFirst = false
      else if (!stepBack(session, wanted, trail.at, after, trail.note)) {
        markAllPrecise(session)
        return
      }
      if (wanted.empty) return
      after = trail.at
      if (after < 0) bug(session, 'backtracking runs off the program')
    } while (trail.back())
    const first: number = state.firstInsn
    if (state.parent === null) {
      markAllPrecise(session)
      return
    }
    state = state.parent
    markIn(session, wanted, state)
    after = first
    last = state.lastInsn
  }
}

/** The exact value of a register of the current frame matters. Without CAP_BPF every value does. */
export const markPrecise = (session: Session, reg: number): void => {
  if (!session.hasBpf) return
  const wanted = new Wanted(session.state.frames.length - 1)
  wanted.want(reg)
  follow(session, wanted)
}

/** As markPrecise for a number on the stack. */
export const markSlotPrecise = (session: Session, frame: number, slot: number): void => {
  const wanted = new Wanted(session.state.frames.length - 1)
  wanted.wantSlot(frame, slot)
  follow(session, wanted)
}

const needs = (frame: Frame, i: number): boolean =>
  frame.regs[i]!.type === SCALAR && frame.precise[i] === 1 && (frame.live[i]! & LIVE_READ) !== 0

const needsSlot = (frame: Frame, slot: number): boolean =>
  frame.slotPrecise[slot] === 1 && (frame.slotLive[slot]! & LIVE_READ) !== 0 &&
  frame.kinds[slot * 8 + 7] === STACK_SPILL && frame.slots[slot]!.type === SCALAR

/** Marks everything precise on the current path that is precise in `old`; the path stops because it is like `old`. */
export const propagatePrecision = (session: Session, old: State): void => {
  if (!session.hasBpf) return
  const wanted = new Wanted(session.state.frames.length - 1)
  const names: string[] = []
  for (let f = old.frames.length - 1; f >= 0; f--) {
    const frame = old.frames[f]!
    if (frame.precise.length === 0 && frame.slotPrecise.length === 0) continue
    names.length = 0
    for (let i = 0; i < 10; i++) {
      if (!needs(frame, i)) continue
      wanted.want(i, f)
      if (session.log.verbose) names.push(`r${i}`)
    }
    for (let i = 0; i < frame.slots.length; i++) {
      if (!needsSlot(frame, i)) continue
      wanted.wantSlot(f, i)
      if (session.log.verbose) names.push(`fp${-(i + 1) * 8}`)
    }
    if (names.length > 0) session.say(`frame ${f}: propagating ${names.join(',')}`)
  }
  follow(session, wanted)
}
