/**
 * The machine that programs run on: one memory, one stack of frames, one table through which they call each other.
 * Programs of one machine run one at a time, each to its end, and may be entered again from a helper.
 */
import { ENOENT } from '@lsmkit/abi'
import { FRAME_SIZE } from '../jit/frame.ts'
import type { Places } from '../jit/frame.ts'
import type { Ahead } from '../jit/object-flow.ts'
import type { Helper } from './executable.ts'
import { BpfFault } from './fault.ts'
import { BpfMemory, FIRST_ADDRESS } from './memory.ts'
import { noObjects } from './object-space.ts'
import type { LoadReport, ObjectSpace } from './object-space.ts'

/** Takes numbers, and objects where they were asked for. */
export type Entry = (...given: readonly (number | object | null)[]) => number

/** A program that was loaded on a machine. */
export interface Runnable {
  readonly name: string
  /** Runs it on the context at an address; r0's low word as int32, the high one then is `machine.high`. */
  run(context: number): number
  /**
   * As `run`, on the first words of a context, low and high halves: `words` of them, of which it looks at those in
   * `reads` (bits); and on what is in `ahead`. Errors that it throws are for `ended`.
   */
  readonly entry: Entry
  readonly words: number
  readonly reads: number
  /** The parameters of `entry` behind the words: members of kernel objects. */
  readonly ahead: readonly Ahead[]
  /** Loads of members of kernel objects, as hooks run the program. */
  readonly loads: readonly LoadReport[]
  /** It may take handles of objects, which are given back when it ends. */
  readonly meetsObjects: boolean
  /** Objects that it met may lie in a map when it has ended: then they keep their handles for a while. */
  readonly mayKeep: boolean
  /**
   * `entry` for who gives the machine back himself what a stopped program took of it (`stack`, `fuel`, `tails`); null
   * where `entry` takes nothing, or sees to it.
   */
  readonly bare: { readonly entry: Entry; readonly machine: Machine } | null
  /** The result for an error that `entry` threw: an answer, or a BpfFault is thrown. */
  ended(error: unknown): number
  /** Runs one of its subprograms, for a helper it called. Words beyond r5's are not there. */
  callback(subprogram: number, ...words: number[]): number
  /** Interpreted programs: goes on in the frame of the program that called it. */
  goOn?(context: number, low: number): { readonly low: number; readonly high: number; readonly tail: number }
}

/** The program behind a PROG_ARRAY: its index in `machine.programs`, -1 if there is none. */
export type TailTarget = (map: number, index: number) => number

/** Bytes of a packet in network order; null when it is shorter. */
export type PacketLoad = (context: number, offset: number, size: number) => number | null

/** Tail calls of one run. */
const MAX_TAIL_CALLS = 33
/** Bytes of kernel objects that are in memory for a helper. */
const COPY_SIZE = 16384
const COPIES = 3
/** Behind all handles of kernel objects. */
const LAST_HANDLE = 0xf000_0000
/** Addresses of functions: no memory is that large. */
const FIRST_FUNCTION = 0xfb00_0000

/** The memory, frames and table of programs that may call each other. Both engines run on it. */
export class Machine {
  readonly memory: BpfMemory
  readonly places: Places
  /** Instructions of one run. */
  readonly budget: number
  /** Set by who has PROG_ARRAYs and packets. */
  tailTarget: TailTarget = () => -1
  packetLoad: PacketLoad = () => null
  /** Set by who has kernel objects. */
  objects: ObjectSpace = noObjects
  /** Entries of compiled programs, by place in `programs`. */
  readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: 0 })
  readonly programs: (Runnable | null)[] = []
  /** The targets of function pointers. */
  readonly #functions: ({ readonly program: () => Runnable; readonly subprogram: number } | null)[] = []
  /** Arguments of the function that the running program is attached to: words of its context before the result. */
  contextWords = 0
  readonly #cells: number
  #copies = 0
  #lastCopy = 0

  constructor(memory = new BpfMemory(), budget = 1 << 28) {
    this.memory = memory
    this.budget = budget
    this.#cells = memory.alloc(64, 64, 'read-only')
    this.places = {
      first: FIRST_ADDRESS,
      dataStart: memory.dataStart,
      end: memory.end,
      objects: { start: memory.end, end: LAST_HANDLE },
      get size() {
        return memory.u8.length
      },
      stackLimit: memory.stackLimit,
      leafFrame: memory.alloc(FRAME_SIZE, 64),
      contexts: memory.alloc((memory.stackTop - memory.stackLimit) / 4, 64),
      high: this.#cells,
      stack: this.#cells + 4,
      fuel: this.#cells + 8,
      tails: this.#cells + 12,
    }
    this.stack = memory.stackTop
    this.fuel = budget
  }

  /** High word of the last 64-bit result. */
  get high(): number {
    return this.memory.i32[this.#cells >> 2]!
  }

  set high(word: number) {
    this.memory.i32[this.#cells >> 2] = word
  }

  /** Where the next run's frames begin. */
  get stack(): number {
    return this.memory.i32[(this.#cells >> 2) + 1]! >>> 0
  }

  set stack(address: number) {
    this.memory.i32[(this.#cells >> 2) + 1] = address
  }

  /** Instructions that the running program has left, as far as it has reported. */
  get fuel(): number {
    return this.memory.i32[(this.#cells >> 2) + 2]!
  }

  set fuel(left: number) {
    this.memory.i32[(this.#cells >> 2) + 2] = left
  }

  get tails(): number {
    return this.memory.i32[(this.#cells >> 2) + 3]!
  }

  set tails(count: number) {
    this.memory.i32[(this.#cells >> 2) + 3] = count
  }

  /** Room for bytes of kernel objects, for a helper that wants them in memory: the next two uses leave it alone. */
  copyRoom(size: number): number {
    if (size > COPY_SIZE) throw new BpfFault('memory', -1)
    if (this.#copies === 0) this.#copies = this.memory.alloc(COPY_SIZE * COPIES, 64, 'read-only')
    this.#lastCopy = (this.#lastCopy + 1) % COPIES
    return this.#copies + this.#lastCopy * COPY_SIZE
  }

  /** The value at an address where no memory is: the low word, the high one then is `high`. */
  loadObject(low: number, high: number, size: number): number {
    const { objects } = this
    const word = objects.load(low, high, size)
    this.high = objects.high
    return word
  }

  /** Gives a program a place, and its compiled entry one in the table. */
  add(program: Runnable, main: (() => void) | null = null): void {
    const free = this.programs.indexOf(null)
    const place = free >= 0 ? free : this.programs.length
    this.programs[place] = program
    if (main === null) return
    if (this.table.length <= place) this.table.grow(place + 1 - this.table.length)
    this.table.set(place, main)
  }

  /** Forgets a program that nothing runs or calls any more; its place and its function pointers are free again. */
  unload(program: Runnable): void {
    const place = this.programs.indexOf(program)
    if (place < 0) return
    this.programs[place] = null
    if (place < this.table.length) this.table.set(place, null)
    for (const [at, target] of this.#functions.entries()) {
      if (target?.program() === program) this.#functions[at] = null
    }
  }

  /** An address for a subprogram: what its function pointer is. `program` is asked for when it is called. */
  functionAddress(program: () => Runnable, subprogram: number): number {
    const free = this.#functions.indexOf(null)
    const at = free >= 0 ? free : this.#functions.length
    this.#functions[at] = { program, subprogram }
    return FIRST_FUNCTION + at
  }

  /** The subprogram that a function pointer stands for; null where there is no function. */
  functionAt(address: number): { readonly program: Runnable; readonly subprogram: number } | null {
    const target = this.#functions[address - FIRST_FUNCTION]
    return target ? { program: target.program(), subprogram: target.subprogram } : null
  }

  /** Calls what a function pointer stands for, for a helper. */
  callback(address: number, ...words: number[]): number {
    const target = this.#functions[address - FIRST_FUNCTION]
    if (!target) throw new BpfFault('helper', -1, 'no function is at this address')
    return target.program().callback(target.subprogram, ...words)
  }

  /** Place in `programs` of the program to go on with, or -ENOENT. Counts. */
  tail(map: number, index: number): number {
    if (this.tails >= MAX_TAIL_CALLS) return -ENOENT
    const target = this.tailTarget(map >>> 0, index >>> 0)
    if (target < 0) return -ENOENT
    this.tails++
    return target
  }

  /** Runs the program at a place in `programs` in the place of an interpreted one, and those that it goes on with. */
  goOn(target: number, context: number, frame: number): { readonly low: number; readonly high: number } {
    let ended = { low: context, high: 0, tail: target }
    while (ended.tail >= 0) {
      const next = this.programs[ended.tail]?.goOn
      if (next === undefined) throw new BpfFault('helper', -1, 'an interpreted program goes on with a compiled one')
      ended = next(ended.low, frame)
    }
    return ended
  }

  /** A helper by its number (`callx`): all registers are there, it takes what it wants; the result is 64 bits. */
  callByNumber(helper: Helper | undefined, slot: number, words: readonly number[]): number {
    if (helper === undefined) throw new BpfFault('helper', slot)
    const given = [...helper.args].flatMap((letter, at) =>
      letter === 'l' ? [words[at * 2]!, words[at * 2 + 1]!] : [words[at * 2]!])
    const low = helper.call(...given)
    if (helper.result === 's') this.high = low >> 31
    else if (helper.result !== 'l') this.high = 0
    return helper.result === 'v' ? 0 : low
  }
}
