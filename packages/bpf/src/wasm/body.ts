/** The body of one function: locals and instructions. */
import { Bytes } from './bytes.ts'
import { Op, VOID } from './opcode.ts'
import type { EXTERNREF, F64, I32, I64, OpName } from './opcode.ts'

/** Type of a local or a parameter. */
export type ValueType = typeof I32 | typeof I64 | typeof F64 | typeof EXTERNREF

/** A place that `br` can name; `depth` counts how many blocks were open around it. */
export type Label = number

export class Body {
  readonly code = new Bytes()
  readonly #locals: ValueType[] = []
  readonly #params: number
  /** Blocks open now. */
  #depth = 0

  constructor(params: number) {
    this.#params = params
  }

  /** A new local, zero at first; its index. */
  local(type: ValueType): number {
    return this.#params + this.#locals.push(type) - 1
  }

  /** An instruction without immediates. */
  op(name: OpName): this {
    this.code.byte(Op[name])
    return this
  }

  /** A double to 64 bits; a value beyond them becomes the nearest one. */
  cut(isSigned: boolean): this {
    this.code.byte(0xfc).unsigned(isSigned ? 6 : 7)
    return this
  }

  get(local: number): this {
    this.code.byte(Op.local_get).unsigned(local)
    return this
  }

  set(local: number): this {
    this.code.byte(Op.local_set).unsigned(local)
    return this
  }

  tee(local: number): this {
    this.code.byte(Op.local_tee).unsigned(local)
    return this
  }

  i32(value: number): this {
    this.code.byte(Op.i32_const).signed(value)
    return this
  }

  /** The int64 with these halves; without `high`, `low` sign-extended. */
  i64(low: number, high = (low | 0) >> 31): this {
    this.code.byte(Op.i64_const).signed64(low, high)
    return this
  }

  /** A load or store at the address on the stack plus `offset` (0 to 2^32 - 1); any alignment. */
  memory(name: OpName, offset: number): this {
    this.code.byte(Op[name]).byte(0).unsigned(offset)
    return this
  }

  call(func: number): this {
    this.code.byte(Op.call).unsigned(func)
    return this
  }

  callIndirect(type: number): this {
    this.code.byte(Op.call_indirect).unsigned(type).byte(0)
    return this
  }

  /** Opens a block (label behind it) and returns its label. */
  block(): Label {
    return this.#open(Op.block, VOID)
  }

  /** Opens a loop (label at its start). */
  loop(): Label {
    return this.#open(Op.loop, VOID)
  }

  if(result: ValueType | typeof VOID = VOID): Label {
    return this.#open(Op.if, result)
  }

  else(): this {
    this.code.byte(Op.else)
    return this
  }

  end(): this {
    this.#depth--
    this.code.byte(Op.end)
    return this
  }

  br(label: Label): this {
    this.code.byte(Op.br).unsigned(this.#depth - label)
    return this
  }

  brIf(label: Label): this {
    this.code.byte(Op.br_if).unsigned(this.#depth - label)
    return this
  }

  /** Branches to the label at the index on the stack; to the last one beyond. */
  brTable(labels: readonly Label[]): this {
    this.code.byte(Op.br_table).unsigned(labels.length - 1)
    for (const label of labels) this.code.unsigned(this.#depth - label)
    return this
  }

  /** As it stands in the code section, without its length. */
  finish(): Uint8Array {
    const whole = new Bytes().unsigned(runs(this.#locals).length)
    for (const [type, count] of runs(this.#locals)) whole.unsigned(count).byte(type)
    return whole.raw(this.code.written).byte(Op.end).written
  }

  #open(op: number, result: number): Label {
    this.code.byte(op).byte(result)
    return ++this.#depth
  }
}

/** Neighbours of one type, counted. */
const runs = (locals: readonly ValueType[]): [ValueType, number][] => {
  const found: [ValueType, number][] = []
  for (const type of locals) {
    const last = found.at(-1)
    if (last?.[0] === type) last[1]++
    else found.push([type, 1])
  }
  return found
}
