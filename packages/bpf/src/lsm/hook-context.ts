/**
 * From a hook's arguments to the context of its programs, an array of 64-bit words, and back: a function of the hook's
 * signature that runs the program. Written out by count of arguments so that V8 inlines the call.
 */
import type { Machine, Runnable } from '../vm/machine.ts'
import type { ObjectMemory } from './object-memory.ts'

/** Words of a context: six arguments of an LSM hook at most, a result behind. */
const WORDS = 16

/** Contexts of the calls that are running, one inside the other. */
export class ContextStack {
  readonly machine: Machine
  readonly objects: ObjectMemory
  /** Address of the next context. */
  top: number
  readonly #end: number

  constructor(machine: Machine, objects: ObjectMemory) {
    this.machine = machine
    this.objects = objects
    this.top = machine.memory.alloc(WORDS * 8 * 128, 64, 'read-only')
    this.#end = this.top + WORDS * 8 * 128
  }

  /** Takes a context; 0 when calls are nested too deep. */
  enter(): number {
    const at = this.top
    if (at + WORDS * 8 > this.#end) return 0
    this.top = at + WORDS * 8
    return at
  }
}

/** What a hook hands on, by argument: the struct that a pointer points to, null for anything else. */
export const structsOf = (params: string): (string | null)[] =>
  params === '' ? [] : params.split(',').map((text) => /\bstruct (\w+) \*/.exec(text)?.[1] ?? null)

/** What becomes of a program that was stopped. */
export type OnStop = (error: unknown) => number

/** Runs the program on arguments; r0's low word. `follows`: structs of placed objects that the program may read. */
export const hookFunction = (
  contexts: ContextStack, program: Runnable, params: string, onStop: OnStop, follows: readonly string[] = [],
): ((...args: unknown[]) => number) => {
  const structs = structsOf(params)
  const { objects } = contexts
  const { memory } = contexts.machine
  const { objects: linear } = objects

  /** Everything but objects of this memory and small numbers. */
  const putOther = (at: number, value: unknown, index: number): void => {
    const word = typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value)
      : objects.addressOf(value, structs[index] ?? null)
    // a copy may have made the memory grow
    memory.i32[at] = word | 0
    memory.i32[at + 1] = high(word)
  }
  const put = (at: number, value: unknown, index: number): void => {
    if (typeof value === 'object' && value !== null && (value as Placed).memory === linear) {
      memory.i32[at] = (value as Placed).addr
      memory.i32[at + 1] = 0
    } else putOther(at, value, index)
  }
  const finish = (context: number, at: number, copies: number): number => {
    // no program before this one has answered
    memory.i32[at] = 0
    memory.i32[at + 1] = 0
    if (follows.length > 0) objects.refresh(follows)
    try {
      return program.run(context)
    } catch (error) {
      return onStop(error)
    } finally {
      contexts.top = context
      objects.top = copies
    }
  }
  const tooDeep = (): number => onStop(new RangeError('programs are nested too deep'))
  const few = FEW[structs.length]
  if (few !== undefined) return few({ contexts, put, finish, tooDeep, objects })
  return (...args) => {
    const context = contexts.enter()
    if (context === 0) return tooDeep()
    const copies = objects.top
    for (let index = 0; index < structs.length; index++) put((context >> 2) + index * 2, args[index], index)
    return finish(context, (context >> 2) + structs.length * 2, copies)
  }
}

interface Placed {
  readonly memory?: unknown
  readonly addr: number
}

interface HookParts {
  readonly contexts: ContextStack
  readonly objects: ObjectMemory
  readonly put: (at: number, value: unknown, index: number) => void
  readonly finish: (context: number, at: number, copies: number) => number
  readonly tooDeep: () => number
}

/** Hooks of up to three arguments, written out: V8 inlines them where the hook is asked. */
const FEW: Readonly<Record<number, (parts: HookParts) => (...args: unknown[]) => number>> = {
  0: ({ contexts, objects, finish, tooDeep }) => () => {
    const context = contexts.enter()
    return context === 0 ? tooDeep() : finish(context, context >> 2, objects.top)
  },
  1: ({ contexts, objects, put, finish, tooDeep }) => (a) => {
    const context = contexts.enter()
    if (context === 0) return tooDeep()
    const copies = objects.top
    put(context >> 2, a, 0)
    return finish(context, (context >> 2) + 2, copies)
  },
  2: ({ contexts, objects, put, finish, tooDeep }) => (a, b) => {
    const context = contexts.enter()
    if (context === 0) return tooDeep()
    const copies = objects.top
    put(context >> 2, a, 0)
    put((context >> 2) + 2, b, 1)
    return finish(context, (context >> 2) + 4, copies)
  },
  3: ({ contexts, objects, put, finish, tooDeep }) => (a, b, c) => {
    const context = contexts.enter()
    if (context === 0) return tooDeep()
    const copies = objects.top
    put(context >> 2, a, 0)
    put((context >> 2) + 2, b, 1)
    put((context >> 2) + 4, c, 2)
    return finish(context, (context >> 2) + 6, copies)
  },
}

/** Of an fexit program: the result stands behind the arguments. */
export const exitFunction = (
  contexts: ContextStack, program: Runnable, params: string, onStop: OnStop,
): ((...args: unknown[]) => void) => {
  const structs = structsOf(params)
  const { memory } = contexts.machine
  const { objects } = contexts
  return (...args) => {
    const context = contexts.enter()
    if (context === 0) return void onStop(new RangeError('programs are nested too deep'))
    const copies = objects.top
    for (let index = 0; index <= structs.length; index++) {
      const value = args[index]
      const word = typeof value === 'number' ? value : objects.addressOf(value, structs[index] ?? null)
      memory.i32[(context >> 2) + index * 2] = word | 0
      memory.i32[(context >> 2) + index * 2 + 1] = high(word)
    }
    try {
      program.run(context)
    } catch (error) {
      onStop(error)
    } finally {
      contexts.top = context
      objects.top = copies
    }
  }
}

/** Upper word of a number as a 64-bit integer. */
const high = (value: number): number => Math.floor(value / 0x1_0000_0000) | 0
