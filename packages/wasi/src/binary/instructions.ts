/** The lengths of WebAssembly instructions: enough to walk a function body without knowing what it does. */
import { ProgramError } from '../errors.ts'
import type { Cursor } from './leb128.ts'

/** What follows an opcode, by first byte; the rest are numeric and carry nothing. */
const skipIndex = (c: Cursor): void => c.skipInt(32)
const skipTwo = (c: Cursor): void => {
  c.skipInt(32)
  c.skipInt(32)
}
const skipBlockType = (c: Cursor): void => {
  const first = c.byte()
  if (first === 0x63 || first === 0x64) c.skipInt(33)
  else if (first >= 0x80) c.skipInt(33)
}
const skipMemarg = (c: Cursor): void => {
  const align = c.u32()
  if ((align & 0x40) !== 0) c.skipInt(32)
  c.skipInt(64)
}
const skipVector = (c: Cursor, entry: (c: Cursor) => void): void => {
  for (let left = c.u32(); left > 0; left--) entry(c)
}
/** A value type: one byte, or a reference with its heap type. */
export const skipValueType = (c: Cursor): void => {
  const type = c.byte()
  if (type === 0x63 || type === 0x64) c.skipInt(33)
}
/** Passes a value type, and says whether it is a reference. */
export const isReference = (c: Cursor): boolean => {
  const isNumber = (c.bytes[c.at] as number) >= 0x7b
  skipValueType(c)
  return !isNumber
}
/** Passes a value type, and says whether it is a reference to an exception. */
export const isException = (c: Cursor): boolean => {
  const first = c.bytes[c.at] as number
  const heapType = first === 0x63 || first === 0x64 ? c.at + 1 : c.at
  skipValueType(c)
  const isNegative = ((c.bytes[c.at - 1] as number) & 0x40) !== 0
  return isNegative && EXCEPTIONS.includes((c.bytes[heapType] as number) & 0x7f)
}
/** exn and noexn: the low bits of a negative integer, which may be longer than it has to be. */
const EXCEPTIONS: readonly number[] = [0x69, 0x74]
/** Passes what stands in front of a body, and says how many locals it has: each is set to zero first. */
export const skipLocals = (c: Cursor): number => {
  let locals = 0
  for (let groups = c.u32(); groups > 0; groups--) {
    locals += c.u32()
    skipValueType(c)
  }
  return locals
}
const skipCatch = (c: Cursor): void => {
  if (c.byte() < 2) c.skipInt(32)
  c.skipInt(32)
}

const plain: Readonly<Record<number, (c: Cursor) => void>> = {
  0x02: skipBlockType, 0x03: skipBlockType, 0x04: skipBlockType, 0x06: skipBlockType,
  0x07: skipIndex, 0x08: skipIndex, 0x09: skipIndex, 0x0c: skipIndex, 0x0d: skipIndex,
  0x0e: (c) => {
    skipVector(c, skipIndex)
    skipIndex(c)
  },
  0x10: skipIndex, 0x11: skipTwo, 0x12: skipIndex, 0x13: skipTwo, 0x14: skipIndex, 0x15: skipIndex, 0x18: skipIndex,
  0x1c: (c) => skipVector(c, skipValueType),
  0x1f: (c) => {
    skipBlockType(c)
    skipVector(c, skipCatch)
  },
  0x20: skipIndex, 0x21: skipIndex, 0x22: skipIndex, 0x23: skipIndex, 0x24: skipIndex, 0x25: skipIndex, 0x26: skipIndex,
  0x3f: skipIndex, 0x40: skipIndex,
  0x41: (c) => c.skipInt(32), 0x42: (c) => c.skipInt(64), 0x43: (c) => c.skip(4), 0x44: (c) => c.skip(8),
  0xd0: (c) => c.skipInt(33), 0xd2: skipIndex, 0xd5: skipIndex, 0xd6: skipIndex,
  0xfd: skipVectorOp, 0xfe: skipAtomic,
}

/** Bulk memory, tables and saturating truncation: how many indices follow the second opcode. */
const MISC_INDICES = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1]
const skipMisc = (c: Cursor): number => {
  const operation = c.u32()
  const indices = MISC_INDICES[operation]
  if (indices === undefined) throw unknown(0xfc)
  for (let left = indices; left > 0; left--) skipIndex(c)
  return operation
}

/** 128-bit vectors (SIMD and its relaxed half). */
function skipVectorOp(c: Cursor): void {
  const op = c.u32()
  if (op <= 11 || op === 92 || op === 93) skipMemarg(c)
  else if (op === 12 || op === 13) c.skip(16)
  else if (op >= 21 && op <= 34) c.skip(1)
  else if (op >= 84 && op <= 91) {
    skipMemarg(c)
    c.skip(1)
  } else if (op > 0x113) throw unknown(0xfd)
}

function skipAtomic(c: Cursor): void {
  if (c.u32() === 3) c.skip(1)
  else skipMemarg(c)
}

/**
 * Passes one instruction and answers its first byte, of bulk operations both (0xfc0b). Garbage-collected types (0xfb)
 * are refused, not guessed.
 */
export const skipInstruction = (c: Cursor): number => {
  const opcode = c.byte()
  if (opcode === 0xfc) return 0xfc00 + skipMisc(c)
  if (opcode >= 0x28 && opcode <= 0x3e) skipMemarg(c)
  else if (opcode === 0xfb || opcode > 0xfe || (opcode > 0xc4 && opcode < 0xd0)) throw unknown(opcode)
  else plain[opcode]?.(c)
  return opcode
}

const unknown = (opcode: number): ProgramError =>
  new ProgramError(
    'unsupported-module', `the program has instructions (0x${opcode.toString(16)}) that cannot be metered`,
  )
