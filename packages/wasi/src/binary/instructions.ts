/** The lengths of WebAssembly instructions: enough to walk a function body without knowing what it does. */
import { ProgramError } from '../errors.ts'
import type { Cursor } from './leb128.ts'

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

/** What follows each first byte; most are numeric, and nothing does. */
const NOTHING = 0
const INTEGER = 1
const TWO_INTEGERS = 2
const MEMARG = 3
const LONG_INTEGER = 4
const FOUR_BYTES = 5
const EIGHT_BYTES = 6
const BLOCK_TYPE = 7
const HEAP_TYPE = 8
const REST = 9
const UNKNOWN = 10

const FOLLOWS = new Uint8Array(256)
const follows = (what: number, ...ranges: readonly (number | readonly [from: number, to: number])[]): void => {
  for (const range of ranges) {
    const [from, to] = typeof range === 'number' ? [range, range] : range
    FOLLOWS.fill(what, from, to + 1)
  }
}
follows(BLOCK_TYPE, [0x02, 0x04], 0x06)
follows(INTEGER, [0x07, 0x09], 0x0c, 0x0d, 0x10, 0x12, 0x14, 0x15, 0x18, [0x20, 0x26], 0x3f, 0x40, 0x41)
follows(INTEGER, 0xd2, 0xd5, 0xd6)
follows(TWO_INTEGERS, 0x11, 0x13)
follows(MEMARG, [0x28, 0x3e])
follows(LONG_INTEGER, 0x42)
follows(FOUR_BYTES, 0x43)
follows(EIGHT_BYTES, 0x44)
follows(HEAP_TYPE, 0xd0)
follows(REST, 0x0e, 0x1c, 0x1f, 0xfc, 0xfd, 0xfe)
follows(UNKNOWN, [0xc5, 0xcf], 0xfb, 0xff)

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
const skipVectorOp = (c: Cursor): void => {
  const op = c.u32()
  if (op <= 11 || op === 92 || op === 93) skipMemarg(c)
  else if (op === 12 || op === 13) c.skip(16)
  else if (op >= 21 && op <= 34) c.skip(1)
  else if (op >= 84 && op <= 91) {
    skipMemarg(c)
    c.skip(1)
  } else if (op > 0x113) throw unknown(0xfd)
}

const skipAtomic = (c: Cursor): void => {
  if (c.u32() === 3) c.skip(1)
  else skipMemarg(c)
}

/** Added to the second byte of bulk operations, so that they have numbers of their own. */
export const BULK = 0x100

/**
 * Passes one instruction and answers its first byte; of bulk operations the second, and BULK. Garbage-collected types
 * (0xfb) are refused, not guessed.
 */
export const skipInstruction = (c: Cursor): number => {
  const opcode = c.byte()
  switch (FOLLOWS[opcode]) {
    case NOTHING: return opcode
    case INTEGER: c.skipInt(32); break
    case TWO_INTEGERS: skipTwo(c); break
    case MEMARG: skipMemarg(c); break
    case LONG_INTEGER: c.skipInt(64); break
    case FOUR_BYTES: c.skip(4); break
    case EIGHT_BYTES: c.skip(8); break
    case BLOCK_TYPE: skipBlockType(c); break
    case HEAP_TYPE: c.skipInt(33); break
    case UNKNOWN: throw unknown(opcode)
    default: return skipRest(c, opcode)
  }
  return opcode
}

const skipRest = (c: Cursor, opcode: number): number => {
  switch (opcode) {
    case 0x0e:
      skipVector(c, skipIndex)
      skipIndex(c)
      return opcode
    case 0x1c: skipVector(c, skipValueType); return opcode
    case 0x1f:
      skipBlockType(c)
      skipVector(c, skipCatch)
      return opcode
    case 0xfc: return BULK + skipMisc(c)
    case 0xfd: skipVectorOp(c); return opcode
    default: skipAtomic(c); return opcode
  }
}

const unknown = (opcode: number): ProgramError =>
  new ProgramError(
    'unsupported-module', `the program has instructions (0x${opcode.toString(16)}) that cannot be metered`,
  )
