/**
 * Programs that no engine may stop: every kind of arithmetic and jump, loads and stores and atomics in their own frame
 * and in 64 bytes behind r1, subprograms, loops with a counter. r0 in the end is a mix of all registers.
 */
import {
  BPF_ADD, BPF_ALU, BPF_ALU64, BPF_AND, BPF_ARSH, BPF_ATOMIC, BPF_B, BPF_CMPXCHG, BPF_DIV, BPF_DW, BPF_END, BPF_FETCH,
  BPF_H, BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JLE, BPF_JLT, BPF_JNE, BPF_JSET, BPF_JSGE, BPF_JSGT, BPF_JSLE, BPF_JSLT,
  BPF_LSH, BPF_MOD, BPF_MOV, BPF_MUL, BPF_NEG, BPF_OR, BPF_PSEUDO_MAP_VALUE, BPF_RSH, BPF_STX, BPF_SUB, BPF_TO_BE,
  BPF_W, BPF_XCHG, BPF_XOR,
} from '@lsmkit/abi'
import type { Code } from '../insn/code.ts'
import { CodeWriter } from './code-writer.ts'
import type { Bank, Label, Place, Right } from './code-writer.ts'
import type { Random } from './random.ts'

interface Operation {
  readonly of: number
  /** Division and remainder of signed numbers. */
  readonly isSigned?: true
}

const MOVE: Operation = { of: BPF_MOV }
const ALU: readonly Operation[] = [
  { of: BPF_ADD }, { of: BPF_SUB }, { of: BPF_MUL }, { of: BPF_DIV }, { of: BPF_MOD }, { of: BPF_DIV, isSigned: true },
  { of: BPF_MOD, isSigned: true }, { of: BPF_OR }, { of: BPF_AND }, { of: BPF_XOR }, MOVE, { of: BPF_LSH },
  { of: BPF_RSH }, { of: BPF_ARSH },
]
const SHIFTS: ReadonlySet<number> = new Set([BPF_LSH, BPF_RSH, BPF_ARSH])
const COMPARISONS = [
  BPF_JEQ, BPF_JNE, BPF_JGT, BPF_JGE, BPF_JLT, BPF_JLE, BPF_JSET, BPF_JSGT, BPF_JSGE, BPF_JSLT, BPF_JSLE,
] as const
/** Sizes of accesses: in the opcode, and in bytes. */
const SIZES = [
  { size: BPF_B, bytes: 1 }, { size: BPF_H, bytes: 2 }, { size: BPF_W, bytes: 4 }, { size: BPF_DW, bytes: 8 },
]
const ATOMIC_SIZES = [SIZES[2]!, SIZES[3]!]
const BYTE_ORDERS = [BPF_ALU | BPF_TO_BE | BPF_END, BPF_ALU | BPF_END, BPF_ALU64 | BPF_END]

/** Bytes behind r1 that programs use. */
export const MEMORY_SIZE = 64
const DEEPEST = 3

/** Where r1 is kept, as an offset below r10; counters of loops lie behind it. */
const KEPT = 256
/** Three frames of those fit a verifier's stack. */
const KEPT_ALIGNED = 72

const FRAME = 10

export interface ProgramOptions {
  /** Accesses lie at multiples of their size, as a verifier wants them. */
  readonly aligned?: boolean
  /** Map (index into the object's) whose value is what r1 points to; without it the context is. */
  readonly behindMap?: number
}

export const randomProgram = (random: Random, options: ProgramOptions = {}): Code => {
  const { aligned = false, behindMap = -1 } = options
  const kept = aligned ? KEPT_ALIGNED : KEPT
  const out = new CodeWriter()
  if (behindMap >= 0) out.wide(1, behindMap, 0, BPF_PSEUDO_MAP_VALUE)
  const subprograms = random.below(3)
  out.store(BPF_DW, { register: FRAME, off: -kept }, { register: 1 })
  for (const register of [0, 2, 3, 4, 5, 6, 7, 8, 9]) {
    const high = random.constant()
    out.wide(register, random.word() | 0, high)
  }
  for (let at = 8; at <= 64; at += 8) {
    out.store(BPF_DW, { register: FRAME, off: -at }, { register: random.pick([0, 2, 3, 4, 5]) })
  }
  const callees = Array.from({ length: subprograms }, () => out.label())
  new Writer(random, aligned, out, callees).block(8 + random.below(30), 0)
  mixAll(out)
  for (const [at, callee] of callees.entries()) {
    out.mark(callee)
    out.store(BPF_DW, { register: FRAME, off: -kept }, { register: 1 })
    for (const [to, from] of [[6, 2], [7, 3], [8, 4], [9, 5], [0, 3]] as const) move(out, to, from)
    for (let slot = 8; slot <= 64; slot += 8) {
      out.store(BPF_DW, { register: FRAME, off: -slot }, { register: random.pick([2, 3, 4, 5]) })
    }
    new Writer(random, aligned, out, callees.slice(at + 1)).block(4 + random.below(12), 1)
    mixAll(out)
  }
  return out.code()
}

const move = (out: CodeWriter, to: number, from: number): void => out.alu('r', BPF_MOV, to, { register: from })

/** All registers into r0, and the end. */
const mixAll = (out: CodeWriter): void => {
  for (const register of [2, 3, 4, 5, 6, 7, 8, 9]) {
    out.alu('r', BPF_MUL, 0, { constant: 31 })
    out.alu('r', BPF_XOR, 0, { register })
  }
  out.exit()
}

class Writer {
  readonly #random: Random
  readonly #aligned: boolean
  readonly #kept: number
  readonly #out: CodeWriter
  readonly #callees: readonly Label[]

  constructor(random: Random, aligned: boolean, out: CodeWriter, callees: readonly Label[]) {
    this.#random = random
    this.#aligned = aligned
    this.#kept = aligned ? KEPT_ALIGNED : KEPT
    this.#out = out
    this.#callees = callees
  }

  block(count: number, depth: number): void {
    for (let at = 0; at < count; at++) this.#statement(depth)
  }

  #statement(depth: number): void {
    const random = this.#random
    const kind = random.below(20)
    if (kind < 9) this.#alu()
    else if (kind < 11) this.#load()
    else if (kind < 13) this.#store()
    else if (kind === 13) this.#atomic()
    else if (kind === 14) this.#byteOrder()
    else if (kind < 18 && depth < DEEPEST) this.#branch(depth)
    else if (kind === 18 && depth < DEEPEST) {
      if (random.below(2) === 0) this.#loop(depth)
      else this.#walk(depth)
    } else if (kind === 19 && this.#callees.length > 0 && depth < 2) this.#call()
    else this.#alu()
  }

  #register(): number {
    return this.#random.pick([0, 2, 3, 4, 5, 6, 7, 8])
  }

  #alu(): void {
    const random = this.#random
    const bank = random.pick<Bank>(['r', 'w'])
    const dst = this.#register()
    if (random.below(12) === 0) return this.#out.put((bank === 'w' ? BPF_ALU : BPF_ALU64) | BPF_NEG, dst)
    const operation = random.pick(ALU)
    const bits = operation === MOVE && random.below(2) === 0 ? random.pick(bank === 'r' ? [8, 16, 32] : [8, 16]) : 0
    const isConstant = bits === 0 && random.below(2) === 0
    let constant = random.constant()
    if (SHIFTS.has(operation.of)) constant &= bank === 'r' ? 63 : 31
    const right = isConstant ? { constant } : { register: this.#register() }
    this.#out.alu(bank, operation.of, dst, right, operation.isSigned ? 1 : bits)
  }

  #place(bytes: number): Place {
    const random = this.#random
    if (random.below(2) === 0) return { register: FRAME, off: -this.#at(bytes + random.below(64 - bytes), bytes) }
    this.#loadKept()
    return { register: 1, off: this.#at(random.below(MEMORY_SIZE - bytes), bytes) }
  }

  /** r1 is again what it was. */
  #loadKept(): void {
    this.#out.load(BPF_DW, 1, { register: FRAME, off: -this.#kept })
  }

  #at(off: number, bytes: number): number {
    return this.#aligned ? off - (off % bytes) : off
  }

  #load(): void {
    const { size, bytes } = this.#random.pick(SIZES)
    const place = this.#place(bytes)
    const isSigned = size !== BPF_DW && this.#random.below(3) === 0
    this.#out.load(size, this.#register(), place, isSigned)
  }

  #store(): void {
    const { size, bytes } = this.#random.pick(SIZES)
    const place = this.#place(bytes)
    this.#out.store(size, place, this.#right())
  }

  #right(): Right {
    return this.#random.below(2) === 0 ? { constant: this.#random.constant() } : { register: this.#register() }
  }

  #atomic(): void {
    const random = this.#random
    const { size, bytes } = random.pick(ATOMIC_SIZES)
    const place = this.#place(bytes)
    const src = this.#register()
    const plain = random.pick([BPF_ADD, BPF_OR, BPF_AND, BPF_XOR])
    const fetching = random.pick([BPF_ADD, BPF_OR, BPF_AND, BPF_XOR])
    const operation = random.pick([plain, fetching | BPF_FETCH, BPF_XCHG, BPF_CMPXCHG])
    this.#out.put(BPF_STX | BPF_ATOMIC | size, place.register, src, place.off, operation)
  }

  #byteOrder(): void {
    const dst = this.#register()
    const op = this.#random.pick(BYTE_ORDERS)
    this.#out.put(op, dst, 0, 0, this.#random.pick([16, 32, 64]))
  }

  #branch(depth: number): void {
    const [otherwise, end] = [this.#out.label(), this.#out.label()]
    this.#jump(otherwise)
    this.block(1 + this.#random.below(4), depth + 1)
    if (this.#random.below(2) === 0) this.#out.goto(end, this.#random.below(2) === 1)
    this.#out.mark(otherwise)
    this.block(this.#random.below(4), depth + 1)
    this.#out.mark(end)
  }

  /** Counted in r9, which nothing inside touches but an inner loop, which puts it back. */
  #loop(depth: number): void {
    const [out, start, end] = [this.#out, this.#out.label(), this.#out.label()]
    const slot = this.#counter(depth)
    out.store(BPF_DW, slot, { register: 9 })
    out.alu('r', BPF_MOV, 9, { constant: 1 + this.#random.below(5) })
    out.mark(start)
    this.block(1 + this.#random.below(3), depth + 1)
    if (this.#random.below(3) === 0) this.#jump(end)
    out.alu('r', BPF_SUB, 9, { constant: 1 })
    out.jump('r', BPF_JNE, 9, { constant: 0 }, start)
    out.mark(end)
    out.load(BPF_DW, 9, slot)
  }

  /** Where a loop keeps the counter of the one around it. */
  #counter(depth: number): Place {
    return { register: FRAME, off: -(this.#kept + 8 + depth * 8) }
  }

  /** Goes through the 64 bytes from one end to the other. */
  #walk(depth: number): void {
    const [random, out] = [this.#random, this.#out]
    const { size, bytes: step } = random.pick(SIZES)
    const rounds = 1 + random.below(MEMORY_SIZE / step)
    const isUp = random.below(2) === 0
    const [start, slot] = [out.label(), this.#counter(depth)]
    out.store(BPF_DW, slot, { register: 9 })
    this.#loadKept()
    out.alu('r', BPF_MOV, 9, { constant: isUp ? 0 : rounds })
    if (!isUp) out.alu('r', BPF_ADD, 1, { constant: (rounds - 1) * step })
    out.mark(start)
    const here = { register: 1, off: 0 }
    if (random.below(3) > 0) out.load(size, this.#register(), here)
    this.#alu()
    if (random.below(3) > 0) out.store(size, here, { register: this.#register() })
    const comparison = isUp ? random.pick([BPF_JLT, BPF_JNE]) : BPF_JNE
    out.alu('r', BPF_ADD, 1, { constant: isUp ? step : -step })
    out.alu('r', isUp ? BPF_ADD : BPF_SUB, 9, { constant: 1 })
    out.jump('r', comparison, 9, { constant: isUp ? rounds : 0 }, start)
    out.load(BPF_DW, 9, slot)
  }

  #call(): void {
    this.#loadKept()
    this.#out.callTo(this.#random.pick(this.#callees))
    for (const register of [2, 3, 4, 5]) move(this.#out, register, this.#random.pick([0, 6, 7, 8]))
  }

  #jump(label: Label): void {
    const bank = this.#random.pick<Bank>(['r', 'w'])
    const right = this.#right()
    const dst = this.#register()
    this.#out.jump(bank, this.#random.pick(COMPARISONS), dst, right, label)
  }
}
