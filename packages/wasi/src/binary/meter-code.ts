/**
 * Puts counting into function bodies. Every function entry and loop head pays for the instructions behind it, those of
 * inner loops apart: between two of them none runs twice. A long body pays in pieces, so that one with many branches
 * pays for those it takes: every so many instructions, and again where a branch can land that has jumped over such a
 * point. An operation that takes longer for a longer input pays for it just before, through a function that passes the
 * length on.
 */
import type { BuildTime } from '../build-time.ts'
import { CompileCost } from './compile-cost.ts'
import { BULK, skipInstruction, skipLocals } from './instructions.ts'
import { Cursor, leb } from './leb128.ts'
import {
  BLOCK, CATCH, CATCH_ALL, DELEGATE, ELSE, END, IF, LOOP, RETHROW, THROW, THROW_REF, TRY, TRY_TABLE,
} from './opcodes.ts'
import type { Shapes } from './shapes.ts'
import { Writer } from './writer.ts'

/** Code with a padded number in it that is filled in later. */
export interface Payment {
  readonly code: Uint8Array
  /** Where it says how much is paid. */
  readonly price: number
}

/** The code that is put in. */
export interface Meter {
  readonly pay: Payment
  /** The same, and what the first call of a function costs on top: a global for each, from `firstCalls` on. */
  readonly payEntry: Payment & { readonly globals: readonly number[] }
  readonly firstCalls: number
  /** The length on top of the stack stays there, and is paid for: of bytes, of table entries and of pages. */
  readonly payBytes: Uint8Array
  readonly payEntries: Uint8Array
  /** Do what memory.fill and memory.copy do, in pieces that are paid for. */
  readonly fill: Uint8Array
  readonly copy: Uint8Array
}

/** What an instruction that touches a table costs. The others cost 1, which is about a nanosecond. */
const TABLE_UNITS = 128
/** What is paid for at once. */
const PIECE = 1024
/** How many locals are set in a nanosecond (as a shift). */
const LOCALS_SHIFT = 1
/** To make an exception and look for who catches it. */
const THROW_UNITS = 8192

/** What is done about an instruction. */
const PLAIN = 0
const OPENS = 1
const CONTINUES = 2
const CLOSES = 3
const TOUCHES_TABLE = 4
const THROWS = 5
const TAKES_BYTES = 6
const TAKES_ENTRIES = 7
const COPIES = 8
const FILLS = 9

/** By what `skipInstruction` answers. */
const STEPS = new Uint8Array(2 * BULK)
const step = (what: number, opcodes: readonly number[]): void => {
  for (const opcode of opcodes) STEPS[opcode] = what
}
step(OPENS, [BLOCK, LOOP, IF, TRY, TRY_TABLE])
step(CONTINUES, [ELSE, CATCH, CATCH_ALL])
step(CLOSES, [END, DELEGATE])
step(TOUCHES_TABLE, [0x25, 0x26]) // table.get, table.set
step(THROWS, [THROW, RETHROW, THROW_REF])
step(TAKES_BYTES, [BULK + 8]) // memory.init
step(COPIES, [BULK + 10])
step(FILLS, [BULK + 11])
step(TAKES_ENTRIES, [0x40, BULK + 12, BULK + 14, BULK + 15, BULK + 17]) // memory.grow, table.init, copy, grow, fill

/** A code section metered, and what the first call of each function costs. */
export interface MeteredCode {
  readonly body: Uint8Array
  readonly firstCalls: readonly number[]
}

/** Bytes of functions between two looks at the time that is left; a function counts as some by itself. */
const LOOK_EVERY = 2 ** 16
const FUNCTION_BYTES = 64

/** The body of a code section, metered, and behind it `more` functions as they are. */
export const meterCode = (
  body: Uint8Array, shapes: Shapes, meter: Meter, more: readonly (readonly number[])[], time: BuildTime,
): MeteredCode => {
  const cursor = new Cursor(body)
  const count = cursor.u32()
  const firstCalls: number[] = []
  const out = new Writer(2 * body.length)
  out.put(leb(count + more.length))
  let looked = 0
  for (let index = 0; index < count; index++) {
    const size = cursor.u32()
    const start = cursor.at
    cursor.skip(size)
    const code = new Cursor(body, start, cursor.at)
    const cost = new CompileCost(shapes, index, size, code)
    const head = out.reserve()
    const from = out.at
    new FunctionMeter(code, meter, index, cost, out).run()
    out.fill(head, out.at - from)
    firstCalls.push(cost.units)
    time.expect(cost.check)
    const done = cursor.at + index * FUNCTION_BYTES
    if (done - looked < LOOK_EVERY) continue
    looked = done
    time.look()
  }
  for (const code of more) {
    out.put(leb(code.length))
    out.put(code)
  }
  return { body: out.written(), firstCalls }
}

/** A function, or a loop in one: the piece it is in, whose price is filled in once its end is known. */
interface Scope {
  /** Pieces so far. */
  pieces: number
  /** Where the price of this one is to be written. */
  price: number
  units: number
}

interface Block {
  readonly isLoop: boolean
  /** How many pieces its scope had when it began. */
  readonly pieces: number
}

class FunctionMeter {
  readonly #scopes: Scope[] = []
  readonly #blocks: Block[] = []
  readonly #cursor: Cursor
  readonly #meter: Meter
  readonly #index: number
  readonly #cost: CompileCost
  readonly #out: Writer
  /** Where the code begins that was not written yet. */
  #from: number
  /** The innermost. */
  #scope: Scope = NO_SCOPE

  constructor(cursor: Cursor, meter: Meter, index: number, cost: CompileCost, out: Writer) {
    this.#cursor = cursor
    this.#meter = meter
    this.#index = index
    this.#cost = cost
    this.#out = out
    this.#from = cursor.at
  }

  /** Once: writes the function. */
  run(): void {
    const cursor = this.#cursor
    const scopes = this.#scopes
    const locals = skipLocals(cursor)
    this.#cost.enter(locals)
    this.#enter(this.#payEntry(), locals >>> LOCALS_SHIFT)
    while (!cursor.done) this.#step()
    this.#write(cursor.at)
    // more than one only of a body that is not valid, which is told later
    while (scopes.length > 0) this.#leaveScope()
  }

  #step(): void {
    const cursor = this.#cursor
    const scope = this.#scope
    const at = cursor.at
    const opcode = skipInstruction(cursor)
    this.#cost.step(opcode, at)
    scope.units++
    const what = STEPS[opcode] as number
    if (what !== PLAIN) this.#act(what, opcode, at)
    if (scope.units >= PIECE && scope === this.#scope && !cursor.done) this.#cut(scope)
  }

  #act(what: number, opcode: number, at: number): void {
    const blocks = this.#blocks
    const scope = this.#scope
    const meter = this.#meter
    switch (what) {
      case OPENS:
        blocks.push({ isLoop: opcode === LOOP, pieces: scope.pieces })
        if (opcode === LOOP) this.#enter(this.#pay())
        return
      case CONTINUES: return this.#land(blocks.at(-1))
      case CLOSES: return this.#leave(blocks.pop())
      case TOUCHES_TABLE:
        scope.units += TABLE_UNITS - 1
        return
      case THROWS: return this.#out.fill(this.#pay(at), THROW_UNITS)
      case TAKES_BYTES: return this.#insert(at, meter.payBytes)
      case TAKES_ENTRIES: return this.#insert(at, meter.payEntries)
      case COPIES: return this.#replace(at, meter.copy)
      case FILLS: return this.#replace(at, meter.fill)
    }
  }

  /** The function, or a loop: its instructions are its own. */
  #enter(price: number, units = 0): void {
    this.#scopes.push(this.#scope = { pieces: 0, price, units })
  }

  #leave(block: Block | undefined): void {
    if (block?.isLoop === true) this.#leaveScope()
    else this.#land(block)
  }

  #leaveScope(): void {
    const { price, units } = this.#scopes.pop() as Scope
    this.#out.fill(price, units)
    this.#scope = this.#scopes.at(-1) ?? NO_SCOPE
  }

  /** Where a branch may come from before the piece that is being paid for. */
  #land(block: Block | undefined): void {
    const scope = this.#scope
    if (block !== undefined && scope.pieces > block.pieces) this.#cut(scope)
  }

  /** Begins another piece. */
  #cut(scope: Scope): void {
    this.#out.fill(scope.price, scope.units)
    this.#cost.part()
    scope.pieces++
    scope.units = 0
    scope.price = this.#pay()
  }

  /** Puts in a payment, and says where its price is to be written. */
  #pay(at = this.#cursor.at): number {
    const { code, price } = this.#meter.pay
    this.#insert(at, code)
    return this.#out.at - code.length + price
  }

  #payEntry(): number {
    const { payEntry: { code, price, globals }, firstCalls } = this.#meter
    this.#insert(this.#cursor.at, code)
    const start = this.#out.at - code.length
    for (const global of globals) this.#out.fill(start + global, firstCalls + this.#index)
    return start + price
  }

  #write(to: number): void {
    this.#out.copy(this.#cursor.bytes, this.#from, to)
    this.#from = to
  }

  #insert(at: number, code: Uint8Array): void {
    this.#write(at)
    this.#out.put(code)
  }

  /** The instruction that began at `at` and has just been passed. */
  #replace(at: number, code: Uint8Array): void {
    this.#insert(at, code)
    this.#from = this.#cursor.at
  }
}

/** Outside of every function: bodies that are not valid end up here. */
const NO_SCOPE: Scope = { pieces: 0, price: 0, units: 0 }
