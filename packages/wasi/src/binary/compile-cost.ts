/**
 * The time it takes to compile a function, in nanoseconds. Bytes say little of it: where code parts or meets, engines
 * copy what is on the stack, locals and all, so that five kilobytes can take seconds and gigabytes. The stack is
 * followed as a validator does, except for its types.
 */
import { ProgramError } from '../errors.ts'
import {
  BLOCK, BR, BR_IF, BR_ON_NON_NULL, BR_ON_NULL, BR_TABLE, CALL, CALL_INDIRECT, CALL_REF, CATCH, CATCH_ALL, DELEGATE,
  ELSE, END, IF, LOOP, REF_FUNC, RETHROW, RETURN, RETURN_CALL, RETURN_CALL_INDIRECT, RETURN_CALL_REF, THROW, THROW_REF,
  TRY, TRY_TABLE, UNREACHABLE,
} from './opcodes.ts'
import { Cursor } from './leb128.ts'
import type { Shapes } from './shapes.ts'
import { EFFECTS, OTHER, prefixedEffect } from './stack-effects.ts'

/** Any function, and each of its bytes. */
const FUNCTION = 20_000
const BYTE = 120
/** Of each value on the stack and each local: the state is copied, as at `if`; a loop copies it twice. */
const COPY = 30
const LOOP_COPY = 50
/** The same, where a branch meets a copy that is there. */
const MEET = 3
/** The same, where a register is freed: its owners are searched for. */
const SEARCH = 1
/** Of each value that a branch carries, and that a call or a block takes or leaves. */
const CARRY = 70
const PASS = 10
/** The same, to check it. */
const CHECK = 10
/** Of each function that was referred to before: the optimizing compiler takes squares of them. */
const REFERENCE = 15
/** On top of the bytes. */
const PARTING = 500
const LOOPING = 2500
const CALLING = 200
const VECTOR = 500

/** About what a time limit may be passed by, on a machine that has other things to do as well. */
const MOST = 120_000_000

/** Whether a function of so many bytes and locals cannot cost as much, whatever is in it. */
export const isCheap = (shapes: Shapes, size: number, locals: number, factor: number): boolean => {
  const values = locals + size * shapes.most
  return size * (BYTE + LOOPING + LOOP_COPY * values + CARRY * shapes.most + REFERENCE * size) < MOST * factor
}
/** Bytes of the longest function. */
const LONGEST = 384 * 1024

interface Label {
  readonly opcode: number
  /** The height of the stack beneath its parameters. */
  readonly base: number
  readonly params: number
  readonly results: number
  /** A branch has led here, in this `br_table` last. */
  seen: number
}

export class CompileCost {
  units: number
  /** The time it takes to check the function, on top of its bytes: nothing interrupts that either. */
  check = 0
  /** Values on the stack, locals apart. */
  height = 0
  readonly #shapes: Shapes
  readonly #index: number
  readonly #size: number
  readonly #most: number
  readonly #labels: Label[] = []
  readonly #reader: Cursor
  #locals = 0
  #branches = 0
  #references = 0
  /** The height beneath the innermost block. */
  #base = 0

  /** `index`: among the functions of the code section. `factor`: how much more than usual it may take. */
  constructor(shapes: Shapes, index: number, size: number, body: Cursor, factor = 1) {
    this.#shapes = shapes
    this.#index = index
    this.#size = size
    this.#most = MOST * factor
    this.#reader = new Cursor(body.bytes, body.at, body.end)
    this.units = FUNCTION + BYTE * size
    if (size > LONGEST * factor) throw this.#refusal()
  }

  /** The locals, parameters apart. */
  enter(locals: number): void {
    const { params, results } = this.#typeAt(this.#shapes.own[this.#index] as number)
    this.#locals = locals + params
    this.#labels.push({ opcode: BLOCK, base: 0, params: 0, results, seen: 0 })
    this.part()
  }

  /** Something is put in that parts. */
  part(): void {
    this.#pay(PARTING + COPY * this.#values)
  }

  /** An instruction that began at `at`; `opcode` is its first byte, or both of bulk operations. */
  step(opcode: number, at: number): void {
    const both = opcode > 0xff ? OTHER : EFFECTS[opcode] as number
    if (both !== OTHER) return this.#plain(both)
    const reader = this.#reader
    reader.at = at + 1
    switch (opcode) {
      case BLOCK: case LOOP: case IF: case TRY: case TRY_TABLE: return this.#open(opcode)
      case ELSE: return this.#resume(0)
      case CATCH: return this.#resume((this.#shapes.tags[reader.u32()] ?? 0) + 1)
      case CATCH_ALL: return this.#resume(1)
      case END: case DELEGATE: return this.#close()
      case BR: this.#branch(this.#label(reader.u32()), 0); return this.#stop()
      case BR_IF: this.#take(1); return this.#branch(this.#label(reader.u32()), 0)
      case BR_ON_NULL: case BR_ON_NON_NULL: return this.#branch(this.#label(reader.u32()), 1)
      case BR_TABLE: return this.#branchTable()
      case REF_FUNC:
        this.height++
        return this.#pay(CALLING + SEARCH * this.#values + REFERENCE * ++this.#references)
      case RETURN: this.#branch(this.#labels[0], 0); return this.#stop()
      case CALL: return this.#call(this.#shapes.functions[reader.u32()], 0)
      case CALL_INDIRECT: case CALL_REF: return this.#call(reader.u32(), 1)
      case RETURN_CALL: case RETURN_CALL_INDIRECT: case RETURN_CALL_REF:
        this.#move(this.height, CARRY)
        this.#pay(CALLING + SEARCH * this.#values)
        return this.#stop()
      case THROW: case RETHROW: case THROW_REF: case UNREACHABLE:
        this.#pay(CALLING + SEARCH * this.#values)
        return this.#stop()
      default: return this.#prefixed(opcode > 0xff ? 0xfc : opcode)
    }
  }

  #prefixed(prefix: number): void {
    const opcode = this.#reader.u32()
    this.#pay(prefix === 0xfd ? VECTOR : CALLING)
    this.#plain(prefixedEffect(prefix, opcode))
  }

  /** Most instructions: what they cost is looked at by the next that is not one of them. */
  #plain(effect: number): void {
    const height = this.height - (effect & 0xf)
    this.height = (height < this.#base ? this.#base : height) + (effect >>> 4)
    this.units += SEARCH * (this.#locals + this.height)
  }

  get #values(): number {
    return this.#locals + this.height
  }

  /** Values go through a call, a block or a branch, each for so many units. */
  #move(values: number, units: number): void {
    this.check += CHECK * values
    this.#pay(units * values)
  }

  #pay(units: number): void {
    this.units += units
    if (this.units > this.#most) throw this.#refusal()
  }

  #refusal(): ProgramError {
    const index = this.#index
    const size = this.#size
    const locals = this.#locals
    const what = `function ${index} of the program, ${size} bytes with ${locals} locals`
    return new ProgramError('unsupported-module', `${what}, takes too long to compile: no time limit can end that`)
  }

  #take(count: number): void {
    this.height = Math.max(this.#base, this.height - count)
  }

  /** Nothing comes here but by a branch. */
  #stop(): void {
    this.height = this.#base
  }

  #label(depth: number): Label | undefined {
    return this.#labels[this.#labels.length - 1 - depth]
  }

  #typeAt(index: number): { params: number; results: number } {
    return this.#shapes.types[index] ?? NO_TYPE
  }

  #open(opcode: number): void {
    const { params, results } = this.#blockType()
    if (opcode === IF) this.#take(1)
    this.#move(params + results, PASS)
    if (opcode === LOOP) this.#pay(LOOPING + LOOP_COPY * this.#values)
    else if (opcode !== BLOCK) this.part()
    this.#take(params)
    const catches = opcode === TRY_TABLE ? this.#readCatches() : 0
    this.#labels.push({ opcode, base: this.height, params, results, seen: 0 })
    this.#pay(catches)
    this.#base = this.height
    this.height += params
  }

  #readCatches(): number {
    let units = 0
    for (let count = this.#reader.u32(); count > 0; count--) {
      const kind = this.#reader.byte()
      const values = (kind < 2 ? this.#shapes.tags[this.#reader.u32()] ?? 0 : 0) + 1
      this.#reader.skipInt(32)
      this.check += CHECK * values
      units += PARTING + CARRY * values + COPY * (this.#values + values)
    }
    return units
  }

  #blockType(): { params: number; results: number } {
    const reader = this.#reader
    const first = reader.bytes[reader.at] as number
    if (first === 0x40) {
      reader.at++
      return NO_TYPE
    }
    // a type of one value is a negative number
    if (first < 0x80 && first >= 0x40) {
      reader.at++
      if (first === 0x63 || first === 0x64) reader.skipInt(33)
      return ONE_VALUE
    }
    return this.#typeAt(reader.u32())
  }

  /** `else`, or a catch that leaves so many values. */
  #resume(values: number): void {
    const label = this.#labels.at(-1)
    this.#merge(label)
    this.#stop()
    this.height += (label?.opcode === IF ? label.params : 0) + values
    this.#move(values, CARRY)
    this.#pay(CALLING + MEET * this.#values)
  }

  #close(): void {
    const label = this.#labels.pop()
    if (label === undefined) return
    this.#merge(label)
    this.#base = this.#labels.at(-1)?.base ?? 0
    this.height = label.base + label.results
    this.#move(label.results, PASS)
  }

  /** Merges the stack that falls through to the end of a block. */
  #merge(label: Label | undefined): void {
    if (label === undefined) return
    const isMet = label.seen > 0 || label.opcode !== BLOCK
    this.check += CHECK * label.results
    if (isMet && label.opcode !== LOOP) this.#pay(MEET * this.#values + CARRY * label.results)
  }

  #branch(label: Label | undefined, more: number): void {
    if (label === undefined) return
    const carried = label.opcode === LOOP ? label.params : label.results
    this.height = Math.max(this.height, this.#base + carried - more)
    this.#move(carried, CARRY)
    this.#pay(MEET * this.#values)
    if (label.seen === 0) this.#pay(COPY * this.#values)
    label.seen ||= 1
  }

  /** Each label once: what leads to it is compiled once. */
  #branchTable(): void {
    const reader = this.#reader
    this.#take(1)
    const stamp = ++this.#branches + 1
    for (let count = reader.u32() + 1; count > 0; count--) {
      const label = this.#label(reader.u32())
      this.#pay(PASS)
      if (label === undefined || label.seen === stamp) continue
      this.#branch(label, 0)
      label.seen = stamp
    }
    this.#stop()
  }

  #call(type: number | undefined, more: number): void {
    const { params, results } = this.#typeAt(type ?? -1)
    this.#move(params + results, PASS)
    this.#pay(CALLING + SEARCH * this.#values)
    this.#take(params + more)
    this.height += results
    this.#pay(SEARCH * this.#values)
  }
}

const NO_TYPE = { params: 0, results: 0 }
const ONE_VALUE = { params: 0, results: 1 }
