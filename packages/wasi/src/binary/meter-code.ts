/**
 * Puts counting into function bodies. Every function entry and loop head pays for all instructions behind it, those of
 * inner loops apart: between two of them none runs twice. What takes longer the more it is given pays for that just
 * before, through a function that passes the length on.
 */
import { skipInstruction, skipValueType } from './instructions.ts'
import { Cursor, leb } from './leb128.ts'

/** What is put in, as code. */
export interface Meter {
  /** Pays so much. */
  readonly pay: (units: number) => Uint8Array
  /** The length on top of the stack stays there, and is paid for: of bytes, of table entries and of pages. */
  readonly payBytes: Uint8Array
  readonly payEntries: Uint8Array
}

const BLOCK = 0x02
const LOOP = 0x03
const IF = 0x04
const TRY = 0x06
const THROW = 0x08
const RETHROW = 0x09
const THROW_REF = 0x0a
const END = 0x0b
const DELEGATE = 0x18
const TRY_TABLE = 0x1f
const TABLE_GET = 0x25
const TABLE_SET = 0x26
const MEMORY_GROW = 0x40
const MISC = 0xfc00

/** What an instruction costs when it is not 1, which is about a nanosecond. */
const UNITS = new Map([[TABLE_GET, 128], [TABLE_SET, 128]])
/** To make an exception and look for who catches it. */
const THROW_UNITS = 8192

const opensBlock = new Set([BLOCK, LOOP, IF, TRY, TRY_TABLE])
const isThrow = new Set([THROW, RETHROW, THROW_REF])
/** memory.init, memory.copy, memory.fill */
const takesBytes = new Set([MISC + 8, MISC + 10, MISC + 11])
/** table.init, table.copy, table.grow, table.fill */
const takesEntries = new Set([MEMORY_GROW, MISC + 12, MISC + 14, MISC + 15, MISC + 17])

/** The body of a code section, metered, with `more` functions (of one size byte each or more) at its end. */
export const meterCode = (body: Uint8Array, meter: Meter, more: readonly (readonly number[])[]): Uint8Array => {
  const cursor = new Cursor(body)
  const count = cursor.u32()
  const functions: ArrayLike<number>[][] = Array.from({ length: count }, () => {
    const size = cursor.u32()
    const start = cursor.at
    cursor.skip(size)
    return meterFunction(body, start, cursor.at, meter)
  })
  return joinFunctions([...functions, ...more.map((code) => [code])])
}

const joinFunctions = (functions: readonly (readonly ArrayLike<number>[])[]): Uint8Array => {
  const heads = functions.map((parts) => leb(parts.reduce((sum, part) => sum + part.length, 0)))
  const parts: ArrayLike<number>[] = [leb(functions.length)]
  functions.forEach((own, i) => {
    parts.push(heads[i] as number[])
    for (const part of own) parts.push(part)
  })
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** A function, or a loop in one: what it costs, known at its end, is put in where it begins. */
interface Scope {
  readonly part: number
  units: number
}

/** The function in pieces. */
const meterFunction = (body: Uint8Array, start: number, end: number, meter: Meter): Uint8Array[] => {
  const cursor = new Cursor(body, start, end)
  const parts: Uint8Array[] = []
  let from = start
  const insert = (at: number, code: Uint8Array): void => {
    parts.push(body.subarray(from, at), code)
    from = at
  }
  const scopes: Scope[] = []
  const open = (): void => {
    insert(cursor.at, body.subarray(end, end))
    scopes.push({ part: parts.length - 1, units: 0 })
  }
  const close = (): void => {
    const scope = scopes.pop()
    if (scope !== undefined) parts[scope.part] = meter.pay(scope.units)
  }
  /** Of each block that is open, whether it is a loop. */
  const blocks: boolean[] = []
  skipLocals(cursor)
  open()
  while (!cursor.done) {
    const at = cursor.at
    const opcode = skipInstruction(cursor)
    const scope = scopes.at(-1)
    if (scope !== undefined) scope.units += UNITS.get(opcode) ?? 1
    if (opensBlock.has(opcode)) {
      blocks.push(opcode === LOOP)
      if (opcode === LOOP) open()
    } else if (opcode === END || opcode === DELEGATE) {
      if (blocks.pop() === true) close()
    } else if (takesBytes.has(opcode)) insert(at, meter.payBytes)
    else if (takesEntries.has(opcode)) insert(at, meter.payEntries)
    else if (isThrow.has(opcode)) insert(at, meter.pay(THROW_UNITS))
  }
  parts.push(body.subarray(from, end))
  while (scopes.length > 0) close()
  return parts
}

const skipLocals = (cursor: Cursor): void => {
  for (let groups = cursor.u32(); groups > 0; groups--) {
    cursor.skipInt(32)
    skipValueType(cursor)
  }
}
