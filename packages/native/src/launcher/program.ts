/** Programs for the launcher's machine: records with labels, and the bytes that they point to. */
import type { Arch } from '../sys/calls.ts'
import { callNumber } from '../sys/calls.ts'
import { NativeError } from '../native-error.ts'
import { DATA_ADDRESS, imageOf, LOAD_BYTE, LOAD_WORD, MULTIPLY_ADD, RECORD_WORDS } from './machine.ts'

/** Offsets from here on are those of the room, which lies behind all data. */
const ROOM = 2 ** 40

/** A place in the data, by its offset behind the table. */
export class Place {
  readonly offset: number

  constructor(offset: number) {
    this.offset = offset
  }

  /** So many bytes further on. */
  at(bytes: number): Place {
    return new Place(this.offset + bytes)
  }
}

/** A word of a record: argument 1 to 6, or what the result is compared with. */
export interface Field {
  readonly step: string
  readonly field: number | 'expect'
}

export type Value = number | bigint | Place

export interface Step {
  readonly label?: string
  /** A system call by its name, or an operation of the machine. */
  readonly call: string
  readonly args?: readonly Value[]
  /** The result is kept there. */
  readonly store?: Place | Field
  /** The result is compared with it. Default 0. */
  readonly expect?: number | bigint
  /** Where it goes on, by label. Default: the next step. */
  readonly equal?: string
  readonly above?: string
  readonly below?: string
}

const operations: Readonly<Record<string, number>> = {
  'load-byte': LOAD_BYTE, 'multiply-add': MULTIPLY_ADD, 'load-word': LOAD_WORD,
}
const EXPECT_WORD = 8
const BYTES = 8

export class Program {
  readonly #arch: Arch
  readonly #steps: Step[] = []
  readonly #data: { readonly offset: number; readonly bytes: Uint8Array }[] = []
  readonly #pointers: { readonly offset: number; readonly to: Place }[] = []
  #length = 0
  #room = 0

  constructor(arch: Arch) {
    this.#arch = arch
  }

  step(...steps: readonly Step[]): void {
    this.#steps.push(...steps)
  }

  /** Bytes that the program can point to. */
  bytes(bytes: Uint8Array): Place {
    const offset = this.#length
    this.#data.push({ offset, bytes })
    this.#length += Math.ceil(bytes.length / BYTES) * BYTES
    return new Place(offset)
  }

  words(...values: readonly Value[]): Place {
    const bytes = new Uint8Array(BYTES * values.length)
    const view = new DataView(bytes.buffer)
    const place = this.bytes(bytes)
    values.forEach((value, i) => {
      if (value instanceof Place) this.#pointers.push({ offset: place.offset + BYTES * i, to: value })
      else view.setBigUint64(BYTES * i, BigInt.asUintN(64, BigInt(value)), true)
    })
    return place
  }

  /** A text that ends with a zero byte. */
  text(text: string): Place {
    return this.bytes(Buffer.from(`${text}\0`))
  }

  /** A list of texts as execve takes it. */
  texts(list: readonly string[]): Place {
    return this.words(...list.map((one) => this.text(one)), 0)
  }

  /** The one buffer of zeros behind everything else, which is not kept in the image. */
  room(length: number): Place {
    this.#room = length
    return new Place(ROOM)
  }

  /** The program as an ELF image. */
  image(): Uint8Array {
    const table = RECORD_WORDS * BYTES * this.#steps.length
    const labels = new Map(this.#steps.flatMap(({ label }, i) => (label === undefined ? [] : [[label, i] as const])))
    const indexOf = (label: string): number => {
      const at = labels.get(label)
      if (at === undefined) throw new Error(`there is no step ${label}`)
      return at
    }
    const addressOfStep = (at: number): bigint => BigInt(DATA_ADDRESS + RECORD_WORDS * BYTES * at)
    // results that nobody wants go to the last word
    const ignored = this.words(0)
    const end = this.#length
    const addressOf = ({ offset }: Place): bigint =>
      BigInt(DATA_ADDRESS + table + (offset < ROOM ? offset : end + offset - ROOM))
    const bytes = new Uint8Array(table + this.#length)
    const view = new DataView(bytes.buffer)
    const put = (at: number, value: bigint): void => view.setBigUint64(at, BigInt.asUintN(64, value), true)
    const valueOf = (value: Value): bigint => (value instanceof Place ? addressOf(value) : BigInt(value))
    const fieldAddress = ({ step, field }: Field): bigint =>
      addressOfStep(indexOf(step)) + BigInt(BYTES * (field === 'expect' ? EXPECT_WORD : field))
    this.#steps.forEach(({ call, args = [], store = ignored, expect = 0, equal, above, below }, i) => {
      const next = (label: string | undefined): bigint => addressOfStep(label === undefined ? i + 1 : indexOf(label))
      const words = [
        BigInt(this.#number(call)), ...Array.from({ length: 6 }, (_, at) => valueOf(args[at] ?? 0)),
        store instanceof Place ? addressOf(store) : fieldAddress(store), BigInt(expect),
        next(equal), next(above), next(below),
      ]
      words.forEach((word, at) => put(BYTES * (RECORD_WORDS * i + at), word))
    })
    for (const { offset, bytes: some } of this.#data) bytes.set(some, table + offset)
    for (const { offset, to } of this.#pointers) put(table + offset, addressOf(to))
    return imageOf(this.#arch, bytes, this.#room)
  }

  #number(call: string): number {
    const operation = Object.hasOwn(operations, call) ? operations[call]! : null
    const number = operation ?? callNumber(this.#arch, call)
    if (number === null) throw new NativeError('unsupported', `${this.#arch} has no system call \`${call}\``)
    return number
  }
}
