/** Where a path stands: frames with registers and stack, references, locks, and the way it came. */
import type { Reg } from './reg.ts'
import { NONE } from './reg.ts'
import type { VerifierMap } from './map.ts'
import type { Btf } from '../btf/btf.ts'

export const LIVE_READ = 1
export const LIVE_WRITTEN = 2
export const LIVE_DONE = 4

export interface Reference {
  readonly id: number
  readonly insn: number
  /** Frame number of the callback that acquired it. */
  readonly callbackFrame: number
}

/**
 * An executed instruction that backtracking must know of; a list that grows at its head, so that paths share their
 * past.
 */
export interface History {
  readonly insn: number
  readonly previous: number
  /** A stack slot was read or written: its frame and number; -1 when none was. */
  readonly slotFrame: number
  readonly slot: number
  /** Registers and slots with one id at this instruction (link.ts). */
  readonly linked: readonly number[] | null
  /** A compare of the frame pointer: bit 0 for the destination, bit 1 for the source register. */
  readonly stackOperands: number
  readonly before: History | null
  readonly count: number
}

export class Frame {
  regs: Reg[]
  live: Uint8Array
  /** Scalars whose exact value was used; set on stored states only. */
  precise: Uint8Array
  /** Saved register of each 8-byte slot; slot i covers fp-8*(i+1). */
  slots: Reg[]
  /**
   * The kind of each byte, 8 a slot; entry j of slot i is the byte at fp-8*i-1-j: the last one has the lowest address.
   */
  kinds: Uint8Array
  slotLive: Uint8Array
  slotPrecise: Uint8Array
  /** Instruction that called; -1 in the first frame. */
  readonly callsite: number
  readonly number: number
  readonly subprog: number
  asyncEntry = 0
  callbackMin = 0
  callbackMax = 0
  /** Whether a range of R0 at callback return is set. */
  hasCallbackRange = false
  inCallback = false
  inAsync = false
  inException = false
  callbackDepth = 0
  refs: readonly Reference[] = []
  /** Whether the frame existed when the parent state was stored: reads then reach it there. */
  linked = false

  constructor(callsite: number, number: number, subprog: number, regs: Reg[], live: Uint8Array) {
    this.regs = regs
    this.live = live
    this.precise = noMarks
    this.slots = []
    this.kinds = noMarks
    this.slotLive = noMarks
    this.slotPrecise = noMarks
    this.callsite = callsite
    this.number = number
    this.subprog = subprog
  }
}

const noMarks = new Uint8Array(0)

const blank: readonly Reg[] = Array.from({ length: 11 }, () => NONE)

/** A frame whose registers hold nothing. */
export const newFrame = (callsite: number, number: number, subprog: number): Frame =>
  new Frame(callsite, number, subprog, blank.slice(), new Uint8Array(11))

const copyFrame = (from: Frame): Frame => {
  const to = new Frame(from.callsite, from.number, from.subprog, from.regs.slice(), from.live.slice())
  if (from.slots.length > 0) {
    to.slots = from.slots.slice()
    to.kinds = from.kinds.slice()
    to.slotLive = from.slotLive.slice()
  }
  to.asyncEntry = from.asyncEntry
  to.callbackMin = from.callbackMin
  to.callbackMax = from.callbackMax
  to.hasCallbackRange = from.hasCallbackRange
  to.inCallback = from.inCallback
  to.inAsync = from.inAsync
  to.inException = from.inException
  to.callbackDepth = from.callbackDepth
  to.refs = from.refs
  to.linked = from.linked
  return to
}

/** Makes room for `count` slots. */
export const growStack = (frame: Frame, count: number): void => {
  const had = frame.slots.length
  if (count <= had) return
  const kinds = new Uint8Array(count * 8)
  kinds.set(frame.kinds)
  const live = new Uint8Array(count)
  live.set(frame.slotLive)
  for (let i = had; i < count; i++) frame.slots.push(NONE)
  frame.kinds = kinds
  frame.slotLive = live
}

/** Marks a scalar of a stored state; most states never have one, so the marks are made when the first is set. */
export const setPrecise = (frame: Frame, index: number): void => {
  if (frame.precise.length === 0) frame.precise = new Uint8Array(11)
  frame.precise[index] = 1
}

export const setSlotPrecise = (frame: Frame, slot: number): void => {
  if (frame.slotPrecise.length === 0) frame.slotPrecise = new Uint8Array(frame.slots.length)
  frame.slotPrecise[slot] = 1
}

export class State {
  frames: Frame[] = []
  parent: State | null = null
  /** Paths not finished that came through this stored state. */
  branches = 0
  firstInsn = 0
  lastInsn = 0
  history: History | null = null
  dfsDepth = 0
  loopEntry: State | null = null
  usedAsLoopEntry = false
  callbackUnrollDepth = 0
  mayGotoDepth = 0
  /** The object whose bpf_spin_lock is held: a map or the program's types, and an id; null when none is. */
  lock: VerifierMap | Btf | null = null
  lockId = 0
  /** Read locks that are held. */
  rcu = 0
  preempt = 0
  inSleepable = false
  /** Only a processor that guessed wrong gets here. */
  speculative = false

  get frame(): Frame {
    return this.frames[this.frames.length - 1]!
  }
}

export const copyState = (from: State): State => {
  const to = new State()
  to.frames = from.frames.map(copyFrame)
  to.parent = from.parent
  to.branches = from.branches
  to.firstInsn = from.firstInsn
  to.lastInsn = from.lastInsn
  to.history = from.history
  to.dfsDepth = from.dfsDepth
  to.loopEntry = from.loopEntry
  to.usedAsLoopEntry = from.usedAsLoopEntry
  to.callbackUnrollDepth = from.callbackUnrollDepth
  to.mayGotoDepth = from.mayGotoDepth
  to.lock = from.lock
  to.lockId = from.lockId
  to.rcu = from.rcu
  to.preempt = from.preempt
  to.inSleepable = from.inSleepable
  to.speculative = from.speculative
  return to
}
