/**
 * Stand-ins for memory.fill and memory.copy that do the same in pieces, each paid for before it is done: what fills
 * gigabytes in one instruction cannot be interrupted. Out of bounds they trap as the instruction does, and nothing is
 * done.
 */
import { signedLeb } from './leb128.ts'

type Code = readonly number[]

/** Bytes: filled in less than a millisecond, in pages that were never touched before. */
const PIECE = 2 ** 20

const END = 0x0b
const LOOP = [0x03, 0x40]
const BLOCK = [0x02, 0x40]
const IF = [0x04, 0x40]
const ELSE = 0x05
const [MEMORY_COPY, MEMORY_FILL, MEMORY_SIZE] = [[0xfc, 10, 0, 0], [0xfc, 11, 0], [0x3f, 0]]
const [I32_LE_U, I32_GT_U, I32_ADD, I32_SUB, I64_GT_U, I64_ADD, I64_SHL, I64_EXTEND_U] =
  [0x4d, 0x4b, 0x6a, 0x6b, 0x56, 0x7c, 0x86, 0xad]
const get = (local: number): Code => [0x20, local]
const set = (local: number): Code => [0x21, local]
const brIf = (depth: number): Code => [0x0d, depth]
const piece: Code = [0x41, ...signedLeb(PIECE)]
const NO_LOCALS = 0

/** Both take three i32 and answer nothing: where to, what or where from, and how much. */
const [TO, FROM, LENGTH] = [0, 1, 2]

const change = (local: number, operation: number): Code => [...get(local), ...piece, operation, ...set(local)]
/** Leaves the block when the range from `local` on ends behind the memory. */
const unlessWithin = (local: number): Code => [
  ...get(local), I64_EXTEND_U, ...get(LENGTH), I64_EXTEND_U, I64_ADD,
  ...MEMORY_SIZE, I64_EXTEND_U, 0x42, 16, I64_SHL, I64_GT_U, ...brIf(0),
]
const unlessLong: Code = [...get(LENGTH), ...piece, I32_LE_U, ...brIf(0)]
const whileLong: Code = [...get(LENGTH), ...piece, I32_GT_U, ...brIf(0)]

/** `pay` is code that pays for so many bytes, given as code that leaves their number. */
export const longFill = (pay: (bytes: Code) => Code): number[] => [
  NO_LOCALS,
  ...BLOCK, ...unlessLong, ...unlessWithin(TO),
  ...LOOP,
  ...pay(piece), ...get(TO), ...get(FROM), ...piece, ...MEMORY_FILL,
  ...change(TO, I32_ADD), ...change(LENGTH, I32_SUB), ...whileLong,
  END, END,
  ...pay(get(LENGTH)), ...get(TO), ...get(FROM), ...get(LENGTH), ...MEMORY_FILL, END,
]

/** Overlapping bytes are copied from the end that is not overwritten. */
export const longCopy = (pay: (bytes: Code) => Code): number[] => [
  NO_LOCALS,
  ...BLOCK, ...unlessLong, ...unlessWithin(TO), ...unlessWithin(FROM),
  ...get(TO), ...get(FROM), I32_LE_U, ...IF,
  ...LOOP,
  ...pay(piece), ...get(TO), ...get(FROM), ...piece, ...MEMORY_COPY,
  ...change(TO, I32_ADD), ...change(FROM, I32_ADD), ...change(LENGTH, I32_SUB), ...whileLong,
  END,
  ELSE,
  ...LOOP,
  ...pay(piece), ...change(LENGTH, I32_SUB),
  ...get(TO), ...get(LENGTH), I32_ADD, ...get(FROM), ...get(LENGTH), I32_ADD, ...piece, ...MEMORY_COPY,
  ...whileLong,
  END, END, END,
  ...pay(get(LENGTH)), ...get(TO), ...get(FROM), ...get(LENGTH), ...MEMORY_COPY, END,
]
