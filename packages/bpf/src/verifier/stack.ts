/** Loads and stores on a frame's stack: spilled registers, bytes, dynptrs and iterators that may not be overwritten. */
import { EACCES, EFAULT, EINVAL } from '@lsmkit/abi'
import { keepOldHidden } from './barriers.ts'
import { noteInsn } from './history.ts'
import { toNumber } from './i64.ts'
import { markSlotRead } from './liveness.ts'
import type { Num } from './num.ts'
import { immNum, isConst, isZero, sameNum, UNKNOWN } from './num.ts'
import { markPrecise, markSlotPrecise } from './precision.ts'
import type { Reg } from './reg.ts'
import { ADD_CONST, ANY_SCALAR, fork, NONE, scalar, ZERO_SCALAR } from './reg.ts'
import {
  PTR_TO_STACK, SCALAR, STACK_DYNPTR, STACK_INVALID, STACK_ITER, STACK_MISC, STACK_SPILL, STACK_ZERO,
} from './reg-type.ts'
import type { Session } from './session.ts'
import type { Frame } from './state.ts'
import { growStack, LIVE_WRITTEN } from './state.ts'
import { tnumText } from './format.ts'
import { destroyDynptr } from './dynptr.ts'
import { keepFastcallStack } from './fastcall.ts'
import { numberRules } from './number-rules.ts'
import { isSpillable } from './spillable.ts'

export const MAX_STACK = 512
/** 1 << 29: offsets beyond it are not computed with. */
export const MAX_OFFSET = 1 << 29

export const READ = 0
export const WRITE = 1
/** Memory of a helper, in kernels that do not ask whether it writes there. */
export const BY_HELPER = 2

/** Slot and byte in `kinds` of the address fp+off. */
export const slotAt = (off: number): number => (-off - 1) >> 3
const byteAt = (off: number): number => -off - 1

/** Bits that the value needs, as a bound in bytes: whether it survives in `size` bytes. */
export const fitsIn = (reg: Reg, size: number): boolean => {
  const { umaxl, umaxh } = reg.num
  if (size === 8) return true
  if (umaxh !== 0) return false
  return size === 4 || umaxl >>> 0 < 2 ** (size * 8)
}

/**
 * As `assign_scalar_id_before_mov`: a scalar that is copied gets an id, so that what is learnt of one is known of
 * both.
 */
export const withId = (session: Session, reg: Reg): Reg => {
  if (reg.type !== SCALAR || isConst(reg.num)) return reg
  if (reg.id !== 0 && (reg.id & ADD_CONST) === 0) return reg
  const to = fork(reg)
  if ((to.id & ADD_CONST) !== 0) to.off = 0
  to.id = session.newId()
  return to
}

export const withoutId = (reg: Reg): Reg => {
  if (reg.id === 0) return reg
  const to = fork(reg)
  to.id = 0
  return to
}

const scrubKind = (kinds: Uint8Array, at: number): void => {
  if (kinds[at] !== STACK_INVALID) kinds[at] = STACK_MISC
}

/** Plain data overwrites a slot: what was saved there is gone. */
const scrubSlot = (frame: Frame, slot: number): void => {
  frame.slots[slot] = NONE
  const last = frame.kinds[slot * 8 + 7]!
  const isDynptr = last === STACK_DYNPTR && numberRules.dynptrsReplaced
  if (last !== STACK_SPILL && !isDynptr && last !== STACK_ITER) return
  for (let i = slot * 8; i < slot * 8 + 8; i++) scrubKind(frame.kinds, i)
}

const spill = (frame: Frame, slot: number, reg: Reg, size: number, keepsZero = true): void => {
  frame.slots[slot] = reg
  if (size === 8) frame.slotLive[slot]! |= LIVE_WRITTEN
  const first = slot * 8
  frame.kinds.fill(STACK_SPILL, first + 8 - size, first + 8)
  for (let i = first; i < first + 8 - size; i++) {
    const kind = frame.kinds[i]!
    if ((kind !== STACK_ZERO || !keepsZero) && kind !== STACK_INVALID) frame.kinds[i] = STACK_MISC
  }
}

/** A pointer is stored, or over anything but plain bytes. */
const hidesOld = (session: Session, frame: Frame, off: number, size: number, source: number): boolean => {
  if (source >= 0 && session.frame.regs[source]!.type !== SCALAR) return true
  for (let i = 0; i < size; i++) {
    const kind = frame.kinds[byteAt(off + i)]!
    if (kind !== STACK_MISC && kind !== STACK_ZERO) return true
  }
  return false
}

const FRAME_POINTER = 10

/** Whether a number that is stored is found again as itself; where not, zeros are, byte by byte. */
const keepsNumber = ({ kernel }: Session, reg: Reg | null, imm: number | null): boolean => {
  if (kernel.features.savedNumbers) return true
  if (reg === null) return imm !== 0
  return reg.type !== SCALAR || (!isUnbounded(reg.num) && !isNull(reg))
}

const isUnbounded = (num: Num): boolean => sameNum(num, UNKNOWN)

/** `source` is a register number, or -1 for `st imm` and unknown values. */
const writeFixed = (
  session: Session, frame: Frame, off: number, size: number, source: number, imm: number | null,
): void => {
  const slot = slotAt(off)
  const current = session.frame
  if (!session.hasPerfmon && size !== 8 && frame.kinds[slot * 8 + 7] === STACK_SPILL &&
    frame.slots[slot]!.type !== SCALAR) session.refuse('attempt to corrupt spilled pointer on stack')
  if (!session.bypassesSpec && hidesOld(session, frame, off, size, source)) keepOldHidden(session)
  destroyDynptr(session, frame, slot)
  // what is stored may have been a slice of what lay there
  const reg = source < 0 ? null : current.regs[source]!
  keepFastcallStack(session, frame.subprog, off)
  session.scratchSlot(slot)
  const aligned = (off & 7) === 0
  const tracked = aligned && session.hasBpf && keepsNumber(session, reg, imm)
  if (tracked && reg !== null && reg.type === SCALAR) {
    const { savedNumbers } = session.kernel.features
    if (!savedNumbers && session.code.dst[session.insn] !== FRAME_POINTER) markPrecise(session, source)
    const fits = fitsIn(reg, size)
    const saved = fits && savedNumbers ? withId(session, reg) : reg
    if (saved !== reg) current.regs[source] = saved
    spill(frame, slot, fits ? saved : withoutId(saved), size, savedNumbers)
  } else if (tracked && reg === null && imm !== null)
    spill(frame, slot, scalar(immNum(imm)), size, session.kernel.features.savedNumbers)
  else if (reg !== null && isSpillable(reg.type)) {
    if (size !== 8) {
      session.sourceLine(session.insn)
      session.refuse('invalid size of register spill')
    }
    if (frame !== current && reg.type === PTR_TO_STACK)
      session.refuse('cannot spill pointers to stack into stack frame of the caller', -EINVAL)
    spill(frame, slot, reg, size)
  } else {
    scrubSlot(frame, slot)
    if (size === 8) frame.slotLive[slot]! |= LIVE_WRITTEN
    const zero = reg !== null ? isNull(reg) : imm === 0
    if (zero && source >= 0) markPrecise(session, source)
    const kind = zero ? STACK_ZERO : STACK_MISC
    for (let i = 0; i < size; i++) frame.kinds[byteAt(off + i)] = kind
    return
  }
  noteInsn(session, { slotFrame: frame.number, slot })
}

/** Stands for bytes below all that was written: no kind that a byte has. */
const STACK_NEVER = -1

/** A scalar known to be 0. */
export const isNull = (reg: Reg): boolean => reg.type === SCALAR && isZero(reg.num)

/** The number of `size` bytes that a pointer to the stack names, made precise; null where it is not known. */
export const constantOnStack = (session: Session, pointer: Reg, size: number): number | null => {
  if (!session.hasBpf || pointer.type !== PTR_TO_STACK || !isConst(pointer.num)) return null
  const frame = session.state.frames[pointer.frame]!
  const off = pointer.off + pointer.num.vl
  const slot = slotAt(off)
  const count = (kind: number): number => {
    let found = 0
    for (let at = byteAt(off); at >= slot * 8 && frame.kinds[at] === kind; at--) found++
    return found
  }
  if (count(STACK_ZERO) >= size) return 0
  const reg = frame.slots[slot]
  if (frame.kinds[slot * 8 + 7] !== STACK_SPILL || reg?.type !== SCALAR || count(STACK_SPILL) !== size) return null
  if (!isConst(reg.num) || reg.num.vh !== 0) return null
  markSlotPrecise(session, pointer.frame, slot)
  return reg.num.vl >>> 0
}

const writeVariable = (
  session: Session, frame: Frame, min: number, max: number, source: number, imm: number | null,
): void => {
  const reg = source < 0 ? null : session.frame.regs[source]!
  const zero = reg !== null ? isNull(reg) : imm === 0
  for (let off = min; off < max; off++) destroyDynptr(session, frame, slotAt(off))
  keepFastcallStack(session, frame.subprog, min)
  let zeroUsed = false
  for (let off = min; off < max; off++) {
    const slot = slotAt(off)
    const at = byteAt(off)
    session.scratchSlot(slot)
    const kind = frame.kinds[at]!
    if (!session.hasPerfmon && kind !== STACK_MISC && kind !== STACK_ZERO)
      session.refuse(`spilled ptr in range of var-offset stack write; insn ${session.insn}, ptr off: ${off}`, -EINVAL)
    const saved = frame.slots[slot]!
    if (zero && kind === STACK_SPILL && isNull(saved) && session.kernel.features.savedNumbers) {
      zeroUsed = true
      continue
    }
    scrubSlot(frame, slot)
    const keepsZero = zero && kind === STACK_ZERO
    if (keepsZero) zeroUsed = true
    frame.kinds[at] = keepsZero ? STACK_ZERO : STACK_MISC
  }
  if (zeroUsed && source >= 0) markPrecise(session, source)
}

export const writeStack = (
  session: Session, pointer: Reg, off: number, size: number, source: number, imm: number | null,
): void => {
  const frame = session.state.frames[pointer.frame]!
  const { num } = pointer
  if (!session.kernel.features.readsBelowStack) growStack(frame, (-off - toNumber(num.sminl, num.sminh) + 7) >> 3)
  if (isConst(num)) writeFixed(session, frame, off + num.vl, size, source, imm)
  else writeVariable(session, frame, toNumber(num.sminl, num.sminh) + off, toNumber(num.smaxl, num.smaxh) + off + size,
    source, imm)
}

const refuseRead = (session: Session, off: number, i: number, size: number): never =>
  session.refuse(`invalid read from stack off ${off}+${i} size ${size}`)

/** The result of a load from bytes that hold no register. */
const readBytes = (frame: Frame, min: number, max: number): Reg => {
  for (let off = min; off < max; off++) if (frame.kinds[byteAt(off)] !== STACK_ZERO) return ANY_SCALAR
  return ZERO_SCALAR
}

/** Bytes that nobody wrote are read by loaders with CAP_PERFMON alone. */
const isData = ({ hasPerfmon }: Session, kind: number): boolean =>
  kind === STACK_MISC || kind === STACK_ZERO || (kind === STACK_INVALID && hasPerfmon)

const checkReadable = (session: Session, frame: Frame, off: number, size: number): void => {
  for (let i = 0; i < size; i++) {
    const kind = frame.kinds[byteAt(off + i)]!
    if (!isData(session, kind)) refuseRead(session, off, i, size)
  }
}

const readPartOfSpill = (session: Session, frame: Frame, off: number, size: number, spillSize: number): Reg => {
  const slot = slotAt(off)
  const reg = frame.slots[slot]!
  const { savedNumbers } = session.kernel.features
  if ((savedNumbers ? size <= spillSize : size === spillSize) && (off & 7) === 0) {
    noteInsn(session, { slotFrame: frame.number, slot })
    return fitsIn(reg, size) ? reg : withoutId(reg)
  }
  let spilled = 0
  let zeros = 0
  for (let i = 0; i < size; i++) {
    const kind = frame.kinds[byteAt(off + i)]!
    if (kind === STACK_SPILL) spilled++
    else if (kind === STACK_ZERO && savedNumbers) zeros++
    else if (!isData(session, kind) || kind === STACK_ZERO) refuseRead(session, off, i, size)
  }
  if (savedNumbers && spilled === size && isZero(reg.num)) {
    noteInsn(session, { slotFrame: frame.number, slot })
    return ZERO_SCALAR
  }
  return zeros === size ? ZERO_SCALAR : ANY_SCALAR
}

const readFixed = (session: Session, frame: Frame, off: number, size: number, asNumber: boolean): Reg => {
  const slot = slotAt(off)
  const { kinds } = frame
  const first = slot * 8
  session.scratchSlot(slot)
  keepFastcallStack(session, frame.subprog, off)
  if (kinds[first + 7] !== STACK_SPILL) {
    checkReadable(session, frame, off, size)
    markSlotRead(session, frame.number, slot)
    return readBytes(frame, off, off + size)
  }
  let spillSize = 1
  for (let i = 7; i > 0 && kinds[first + i - 1] === STACK_SPILL; i--) spillSize++
  const reg = frame.slots[slot]!
  if (size === 8 && spillSize === 8) {
    if (asNumber && !session.hasPerfmon && reg.type !== SCALAR)
      session.refuse(`leaking pointer from stack off ${off}`)
    markSlotRead(session, frame.number, slot)
    noteInsn(session, { slotFrame: frame.number, slot })
    return reg
  }
  if (reg.type !== SCALAR) {
    session.sourceLine(session.insn)
    session.refuse('invalid size of register fill')
  }
  markSlotRead(session, frame.number, slot)
  return readPartOfSpill(session, frame, off, size, spillSize)
}

/**
 * The result of a load through `pointer`: a register that was saved there, or a scalar. `asNumber`: an atomic operation
 * computes with it.
 */
export const readStack = (
  session: Session, pointer: Reg, register: number, off: number, size: number, asNumber: boolean,
): Reg => {
  const frame = session.state.frames[pointer.frame]!
  const { num } = pointer
  if (isConst(num)) return readFixed(session, frame, off + num.vl, size, asNumber)
  checkInitialised(session, pointer, register, off, size, READ)
  const min = toNumber(num.sminl, num.sminh) + off
  const max = toNumber(num.smaxl, num.smaxh) + off + size
  for (let at = min; at < max; at++) session.scratchSlot(slotAt(at))
  keepFastcallStack(session, frame.subprog, min)
  return readBytes(frame, min, max)
}

/** The access lies inside the frame, which grows to hold it. */
export const checkStackBounds = (
  session: Session, pointer: Reg, register: number, off: number, size: number, access: number, byHelper: boolean,
): void => {
  const { num } = pointer
  const how = byHelper ? ' indirect access to' : access === READ ? ' read from' : ' write to'
  let min: number
  let max: number
  if (isConst(num)) {
    min = toNumber(num.vl, num.vh) + off
    max = min + size
  } else {
    const smin = toNumber(num.sminl, num.sminh)
    const smax = toNumber(num.smaxl, num.smaxh)
    if (smax >= MAX_OFFSET || smin <= -MAX_OFFSET)
      session.refuse(`invalid unbounded variable-offset${how} stack R${register}`)
    min = smin + off
    max = smax + off + size
  }
  const frame = session.state.frames[pointer.frame]!
  const { readsBelowStack } = session.kernel.features
  const lowest = access === READ && !(readsBelowStack && session.hasPerfmon) ? -8 * frame.slots.length : -MAX_STACK
  if (min < lowest || min > -1 || max > 0 || size < 0) {
    const errno = min < lowest || min > -1 ? -EACCES : max > 0 ? -EINVAL : -EFAULT
    if (isConst(num)) session.refuse(`invalid${how} stack R${register} off=${off} size=${size}`, errno)
    const where = `var_off=${tnumText(num)} off=${off} size=${size}`
    session.refuse(`invalid variable-offset${how} stack R${register} ${where}`, errno)
  }
  if (readsBelowStack || (access === WRITE && !byHelper)) growStack(frame, (-min + 7) >> 3)
  const sub = session.subprograms[frame.subprog]!
  if (sub.stackDepth < -min) sub.stackDepth = -min
}

/**
 * Every byte may be read. READ is a load with a variable offset, or a helper that is known to read only. WRITE and
 * BY_HELPER may write there: zeros and saved scalars are then known no longer.
 */
export const checkInitialised = (
  session: Session, pointer: Reg, register: number, off: number, size: number, access: number,
): void => {
  const forHelper = access === BY_HELPER
  const clobbers = access !== READ
  checkStackBounds(session, pointer, register, off, size, clobbers ? WRITE : READ, forHelper)
  const frame = session.state.frames[pointer.frame]!
  const { num } = pointer
  const fixed = isConst(num)
  if (!fixed && !session.bypassesSpec) {
    const how = forHelper ? ' indirect' : ''
    session.refuse(`R${register}${how} variable offset stack access prohibited for !root, var_off=${tnumText(num)}`)
  }
  const min = (fixed ? toNumber(num.vl, num.vh) : toNumber(num.sminl, num.sminh)) + off
  const max = (fixed ? min - off : toNumber(num.smaxl, num.smaxh)) + off + size
  const how = forHelper ? ' indirect' : ''
  for (let at = min; at < max; at++) {
    const slot = slotAt(at)
    const byte = byteAt(at)
    const kind = frame.kinds[byte] ?? STACK_NEVER
    if (kind === STACK_ZERO || (kind === STACK_INVALID && session.hasPerfmon)) {
      if (clobbers) frame.kinds[byte] = STACK_MISC
    } else if (kind !== STACK_MISC) {
      const isSpill = kind !== STACK_NEVER && frame.kinds[slot * 8 + 7] === STACK_SPILL
      if (!isSpill || (!session.hasPerfmon && frame.slots[slot]!.type !== SCALAR)) {
        const where = fixed ? `off ${min}` : `var_off ${tnumText(num)}`
        session.refuse(`invalid${how} read from stack R${register} ${where}+${at - min} size ${size}`)
      }
      if (clobbers) {
        frame.slots[slot] = ANY_SCALAR
        for (let i = slot * 8; i < slot * 8 + 8; i++) scrubKind(frame.kinds, i)
      }
    }
    markSlotRead(session, frame.number, slot)
  }
}

/**
 * An argument that the helper fills: bytes need not be initialised. No dynptr may lie there, but
 * where what is filled ends it.
 */
export const checkUninitialised = (
  session: Session, pointer: Reg, register: number, off: number, size: number,
): void => {
  checkStackBounds(session, pointer, register, off, size, WRITE, true)
  const { dynptrsReplaced, dynptrsOverwritten } = session.kernel.features
  if (!dynptrsReplaced || dynptrsOverwritten) return
  const frame = session.state.frames[pointer.frame]!
  const min = toNumber(pointer.num.vl, pointer.num.vh) + off
  for (let at = min; at < min + size; at++) {
    if (frame.kinds[byteAt(at)] === STACK_DYNPTR) session.refuse(`potential write to dynptr at off=${at} disallowed`)
  }
}
