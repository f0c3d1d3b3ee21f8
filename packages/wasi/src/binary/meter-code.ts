/**
 * Puts counting into function bodies. Every function entry and loop head pays for the instructions behind it, those of
 * inner loops apart: between two of them none runs twice. A long body pays in pieces, so that one with many branches
 * pays for those it takes: every so many instructions, and again where a branch can land that has jumped over such a
 * point. What takes longer the more it is given pays for that just before, through a function that passes the length
 * on.
 */
import { CompileCost } from './compile-cost.ts'
import { skipInstruction, skipLocals } from './instructions.ts'
import { Cursor, leb } from './leb128.ts'
import {
  BLOCK, CATCH, CATCH_ALL, DELEGATE, ELSE, END, IF, LOOP, RETHROW, THROW, THROW_REF, TRY, TRY_TABLE,
} from './opcodes.ts'
import type { Shapes } from './shapes.ts'

/** What is put in, as code. */
export interface Meter {
  /** Pays so much. */
  readonly pay: (units: number) => Uint8Array
  /** The same, and what the first call of a function costs on top; functions are counted from 0. */
  readonly payEntry: (units: number, index: number) => Uint8Array
  /** The length on top of the stack stays there, and is paid for: of bytes, of table entries and of pages. */
  readonly payBytes: Uint8Array
  readonly payEntries: Uint8Array
  /** Do what memory.fill and memory.copy do, in pieces that are paid for. */
  readonly fill: Uint8Array
  readonly copy: Uint8Array
}

const TABLE_GET = 0x25
const TABLE_SET = 0x26
const MEMORY_GROW = 0x40
const MISC = 0xfc00

/** What an instruction costs when it is not 1, which is about a nanosecond. */
const UNITS = new Map([[TABLE_GET, 128], [TABLE_SET, 128]])
/** What is paid for at once. */
const PIECE = 1024
/** How many locals are set in a nanosecond (as a shift). */
const LOCALS_SHIFT = 1
/** To make an exception and look for who catches it. */
const THROW_UNITS = 8192

const opensBlock = new Set([BLOCK, LOOP, IF, TRY, TRY_TABLE])
const continuesBlock = new Set([ELSE, CATCH, CATCH_ALL])
const closesBlock = new Set([END, DELEGATE])
const isThrow = new Set([THROW, RETHROW, THROW_REF])
const MEMORY_INIT = MISC + 8
const MEMORY_COPY = MISC + 10
const MEMORY_FILL = MISC + 11
/** table.init, table.copy, table.grow, table.fill */
const takesEntries = new Set([MEMORY_GROW, MISC + 12, MISC + 14, MISC + 15, MISC + 17])

/** A code section metered, and what the first call of each function costs. */
export interface MeteredCode {
  readonly body: Uint8Array
  readonly firstCalls: readonly number[]
}

/** The body of a code section, metered, and behind it `more` functions as they are. */
export const meterCode = (
  body: Uint8Array, shapes: Shapes, meter: Meter, more: readonly (readonly number[])[],
): MeteredCode => {
  const cursor = new Cursor(body)
  const count = cursor.u32()
  const firstCalls: number[] = []
  const functions: ArrayLike<number>[][] = Array.from({ length: count }, (_, index) => {
    const size = cursor.u32()
    const start = cursor.at
    cursor.skip(size)
    const code = new Cursor(body, start, cursor.at)
    const cost = new CompileCost(shapes, index, size, code)
    const parts = new FunctionMeter(code, meter, index, cost).run()
    firstCalls.push(cost.units)
    return parts
  })
  return { body: joinFunctions([...functions, ...more.map((code) => [code])]), firstCalls }
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

/** A function, or a loop in one: the piece it is in, whose price is put in where it begins once its end is known. */
interface Scope {
  /** Pieces so far. */
  pieces: number
  part: number
  units: number
}

interface Block {
  readonly isLoop: boolean
  /** How many pieces its scope had when it began. */
  readonly pieces: number
}

class FunctionMeter {
  readonly parts: Uint8Array[] = []
  private readonly scopes: Scope[] = []
  private readonly blocks: Block[] = []
  private readonly cursor: Cursor
  private readonly meter: Meter
  private readonly index: number
  private readonly cost: CompileCost
  private from: number

  constructor(cursor: Cursor, meter: Meter, index: number, cost: CompileCost) {
    this.cursor = cursor
    this.meter = meter
    this.index = index
    this.cost = cost
    this.from = cursor.at
  }

  /** Once: the function in pieces. */
  run(): Uint8Array[] {
    const { cursor, parts, scopes } = this
    const locals = skipLocals(cursor)
    this.cost.enter(locals)
    this.enter(locals >>> LOCALS_SHIFT)
    while (!cursor.done) this.step()
    parts.push(cursor.bytes.subarray(this.from, cursor.at))
    // more than one only of a body that is not valid, which is told later
    while (scopes.length > 0) this.pay(scopes.pop() as Scope)
    return parts
  }

  private step(): void {
    const { cursor, blocks, meter } = this
    const at = cursor.at
    const opcode = skipInstruction(cursor)
    this.cost.step(opcode, at)
    const scope = this.scopes.at(-1) as Scope
    scope.units += UNITS.get(opcode) ?? 1
    if (opensBlock.has(opcode)) {
      blocks.push({ isLoop: opcode === LOOP, pieces: scope.pieces })
      if (opcode === LOOP) this.enter()
    } else if (closesBlock.has(opcode)) this.leave(blocks.pop())
    else if (continuesBlock.has(opcode)) this.land(blocks.at(-1))
    else if (opcode === MEMORY_INIT) this.insert(at, meter.payBytes)
    else if (opcode === MEMORY_COPY) this.replace(at, meter.copy)
    else if (opcode === MEMORY_FILL) this.replace(at, meter.fill)
    else if (takesEntries.has(opcode)) this.insert(at, meter.payEntries)
    else if (isThrow.has(opcode)) this.insert(at, meter.pay(THROW_UNITS))
    if (scope.units >= PIECE && scope === this.scopes.at(-1) && !cursor.done) this.cut(scope)
  }

  /** The function, or a loop: its instructions are its own. */
  private enter(units = 0): void {
    this.scopes.push({ pieces: 0, part: this.reserve(), units })
  }

  private leave(block: Block | undefined): void {
    if (block?.isLoop === true) this.pay(this.scopes.pop() as Scope)
    else this.land(block)
  }

  /** Where a branch may come from before the piece that is being paid for. */
  private land(block: Block | undefined): void {
    const scope = this.scopes.at(-1) as Scope
    if (block !== undefined && scope.pieces > block.pieces) this.cut(scope)
  }

  /** Begins another piece. */
  private cut(scope: Scope): void {
    this.pay(scope)
    this.cost.part()
    scope.pieces++
    scope.units = 0
    scope.part = this.reserve()
  }

  private pay({ part, units }: Scope): void {
    this.parts[part] = part === ENTRY ? this.meter.payEntry(units, this.index) : this.meter.pay(units)
  }

  private reserve(): number {
    this.insert(this.cursor.at, NOTHING)
    return this.parts.length - 1
  }

  private insert(at: number, code: Uint8Array): void {
    this.parts.push(this.cursor.bytes.subarray(this.from, at), code)
    this.from = at
  }

  /** The instruction that began at `at` and has just been passed. */
  private replace(at: number, code: Uint8Array): void {
    this.insert(at, code)
    this.from = this.cursor.at
  }
}

const NOTHING = new Uint8Array(0)
/** The part that is reserved first, behind the locals. */
const ENTRY = 1
