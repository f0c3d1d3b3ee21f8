/**
 * How many values an instruction takes from the stack and leaves there, where its opcode alone says so. Instructions
 * with a type or a label (blocks, branches, calls) follow from those.
 */

/** By first byte: what is taken, and from bit 4 what is left. */
export const EFFECTS = new Uint8Array(256)
/** In place of an effect: one byte does not say it. */
export const OTHER = 0xff
EFFECTS.fill(OTHER)

const of = (taken: number, left: number): number => taken | (left << 4)
const set = (from: number, to: number, taken: number, left: number): void => {
  EFFECTS.fill(of(taken, left), from, to + 1)
}
set(0x01, 0x01, 0, 0) // nop

/** Numeric instructions take two and leave one, but these take one. */
const UNARY: readonly (readonly [from: number, to: number])[] = [
  [0x45, 0x45], [0x50, 0x50], [0x67, 0x69], [0x79, 0x7b], [0x8b, 0x91], [0x99, 0x9f], [0xa7, 0xc4],
]
set(0x45, 0xc4, 2, 1)
for (const [from, to] of UNARY) set(from, to, 1, 1)
set(0x1a, 0x1a, 1, 0) // drop
set(0x1b, 0x1c, 3, 1) // select
set(0x20, 0x20, 0, 1) // local.get, local.set, local.tee, global.get, global.set, table.get, table.set
set(0x21, 0x21, 1, 0)
set(0x22, 0x22, 1, 1)
set(0x23, 0x23, 0, 1)
set(0x24, 0x24, 1, 0)
set(0x25, 0x25, 1, 1)
set(0x26, 0x26, 2, 0)
set(0x28, 0x35, 1, 1) // loads
set(0x36, 0x3e, 2, 0) // stores
set(0x3f, 0x3f, 0, 1) // memory.size, memory.grow
set(0x40, 0x40, 1, 1)
set(0x41, 0x44, 0, 1) // constants
set(0xd0, 0xd0, 0, 1) // ref.null, ref.is_null, ref.eq, ref.as_non_null
set(0xd1, 0xd1, 1, 1)
set(0xd3, 0xd3, 2, 1)
set(0xd4, 0xd4, 1, 1)

/** The same of what has a prefix (0xfc, 0xfd or 0xfe) and an opcode behind it. */
export const prefixedEffect = (prefix: number, opcode: number): number => {
  if (prefix === 0xfc) return MISC[opcode] ?? ONE_ONE
  return prefix === 0xfd ? vectorEffect(opcode) : atomicEffect(opcode)
}

const ONE_ONE = of(1, 1)
const TWO_ONE = of(2, 1)
const THREE_ONE = of(3, 1)

/** Saturating truncations, then memory.init, data.drop, memory.copy and on. */
const MISC = [
  ...Array<number>(8).fill(ONE_ONE),
  of(3, 0), 0, of(3, 0), of(3, 0), of(3, 0), 0, of(3, 0), TWO_ONE, of(0, 1), of(3, 0),
]

/** Of 128-bit vectors, from 94 on: those that take one and those that take three. The others take two. */
const unaryVectors = new Set([
  94, 95, 96, 97, 98, 99, 100, 103, 104, 105, 106, 116, 117, 122, 124, 125, 126, 127, 128, 129, 131, 132, 135, 136,
  137, 138, 148, 160, 161, 163, 164, 167, 168, 169, 170, 192, 193, 195, 196, 199, 200, 201, 202, 224, 225, 227, 236,
  237, 239, 248, 249, 250, 251, 252, 253, 254, 255, 0x101, 0x102, 0x103, 0x104,
])
const ternaryVectors = new Set([0x105, 0x106, 0x107, 0x108, 0x109, 0x10a, 0x10b, 0x10c, 0x113])
const extractsLane = new Set([21, 22, 24, 25, 27, 29, 31, 33])

const vectorEffect = (op: number): number => {
  if (op <= 10 || op === 77 || op === 83 || op === 92 || op === 93) return ONE_ONE
  if (op === 11) return of(2, 0)
  if (op === 12) return of(0, 1)
  if (op >= 15 && op <= 20) return ONE_ONE
  if (op >= 21 && op <= 34) return extractsLane.has(op) ? ONE_ONE : TWO_ONE
  if (op === 82 || ternaryVectors.has(op)) return THREE_ONE
  if (op >= 88 && op <= 91) return of(2, 0)
  return unaryVectors.has(op) ? ONE_ONE : TWO_ONE
}

const atomicEffect = (op: number): number => {
  if (op === 1 || op === 2) return THREE_ONE
  if (op === 3) return 0
  if (op >= 0x10 && op <= 0x16) return ONE_ONE
  if (op >= 0x17 && op <= 0x1d) return of(2, 0)
  return op >= 0x48 ? THREE_ONE : TWO_ONE
}
