/** The state that the parts of the compiler share while they emit one subprogram. */
import type { Code } from '../insn/code.ts'
import type { Executable, Helper, InlineMap } from '../vm/executable.ts'
import type { Accessor } from '../vm/object-space.ts'
import type { Body } from '../wasm/body.ts'
import { EXTERNREF, F64, I32, I64 } from '../wasm/opcode.ts'
import type { Checked } from './checked.ts'
import type { HashLocals } from './hash-lookup.ts'
import type { Known, Registers } from './known.ts'
import type { ObjectFlow } from './object-flow.ts'

/** Bytes of a frame; r10 points behind them. */
export const FRAME_SIZE = 512

/** Where things lie that compiled code names by address. */
export interface Places {
  /** Programs read from here up, and write from `dataStart` up; nothing lies at or behind `end`. */
  readonly first: number
  readonly dataStart: number
  readonly end: number
  /** Addresses of kernel objects: where no memory is. */
  readonly objects: { readonly start: number; readonly end: number }
  /** Bytes that are there now, as a compiled program may rely on. */
  readonly size: number
  /** Lowest address a frame may have. */
  readonly stackLimit: number
  /** The frame of programs that meet nobody else while they run: there is one such program at a time. */
  readonly leafFrame: number
  /** Each place of a frame has one for a context, a quarter of its size: `contextAt`. */
  readonly contexts: number
  /** Cells of 4 bytes: high word of a 64-bit result; top of the stack; instructions left; tail calls done. */
  readonly high: number
  readonly stack: number
  readonly fuel: number
  readonly tails: number
}

/** Bytes of a context, at most. */
export const CONTEXT_SIZE = FRAME_SIZE / 4

/** The offset added to a quarter of the address behind a frame to get the context that goes with it. */
export const contextOffset = ({ contexts, stackLimit }: Places): number => contexts - CONTEXT_SIZE - stackLimit / 4

/** Functions of the module by index. */
export interface Imports {
  readonly fault: number
  readonly tail: number
  readonly callx: number
  readonly packet: number
  /** Bytes of a kernel object: (low, high, size) -> low word. */
  readonly object: number
  readonly accessors: ReadonlyMap<Accessor, number>
  /** The same on an externref, by what is wanted of it. */
  readonly onObjects: Readonly<Record<'value' | 'handle' | 'object', ReadonlyMap<Accessor, number>>>
  readonly helpers: ReadonlyMap<Helper, number>
  /** Compiled look-ups, `(key) -> value`, by map. */
  readonly lookups: ReadonlyMap<InlineMap, number>
}

export class FrameContext {
  readonly program: Executable
  readonly code: Code
  readonly body: Body
  readonly places: Places
  readonly imports: Imports
  /** i32 locals: lowest address of the frame; the context (entry only, else -1). */
  readonly low: number
  readonly context: number
  /** Where the words of the context are i64 locals: -1 for one that is 0. Null: they are in memory, or out of reach. */
  readonly words: readonly number[] | null
  /** How members of kernel objects are loaded without handles, and the parameters of what was read ahead. */
  readonly objectFlow: ObjectFlow | null
  readonly ahead: readonly number[]
  /** r0 to r10. */
  readonly registers: readonly number[]
  /** Scratch: two i64, an i32. */
  readonly address: number
  readonly value: number
  readonly word: number
  /** The known registers, and the checks made, where the emitter is now. */
  known: Registers = []
  checked: Checked = 0
  #hashLocals: HashLocals | null = null
  #fuel = -1
  #mayGoto = -1
  #double = -1
  readonly #objects: number[] = []

  constructor(
    program: Executable,
    body: Body,
    places: Places,
    imports: Imports,
    params: {
      readonly registers: readonly number[]
      readonly low: number
      readonly context: number
      readonly words?: readonly number[]
      readonly objectFlow?: ObjectFlow | null
      readonly ahead?: readonly number[]
    },
  ) {
    this.program = program
    this.code = program.code
    this.body = body
    this.places = places
    this.imports = imports
    this.low = params.low
    this.context = params.context
    this.words = params.words ?? null
    this.objectFlow = params.objectFlow ?? null
    this.ahead = params.ahead ?? []
    this.registers = Array.from({ length: 11 }, (_, register) => params.registers[register] ?? body.local(I64))
    this.address = body.local(I64)
    this.value = body.local(I64)
    this.word = body.local(I32)
  }

  /** Locals of look-ups that are compiled in; made when first asked for. */
  get hashLocals(): HashLocals {
    const local = (): number => this.body.local(I32)
    return (this.#hashLocals ??= { key: local(), hash: local(), entry: local(), value: local() })
  }

  /** Local with the instructions left, while the function holds them; made when first asked for. */
  get fuel(): number {
    if (this.#fuel < 0) this.#fuel = this.body.local(I32)
    return this.#fuel
  }

  /** The object that a register's pointer stands for. */
  objectOf(register: number): number {
    return (this.#objects[register] ??= this.body.local(EXTERNREF))
  }

  /** Scratch, an f64. */
  get double(): number {
    if (this.#double < 0) this.#double = this.body.local(F64)
    return this.#double
  }

  /** Local with the rounds that may_goto has left. */
  get mayGoto(): number {
    if (this.#mayGoto < 0) this.#mayGoto = this.body.local(I32)
    return this.#mayGoto
  }

  get usesMayGoto(): boolean {
    return this.#mayGoto >= 0
  }

  knownOf(register: number): Known {
    return this.known[register] ?? null
  }

  /** Stops the program. Nothing comes after it. */
  fault(slot: number, kind: number): void {
    this.body.i32(slot).i32(kind).call(this.imports.fault).op('unreachable')
  }

  /** Stops it when the i32 on the stack is not 0. */
  faultIf(slot: number, kind: number): void {
    this.body.if()
    this.fault(slot, kind)
    this.body.end()
  }
}
