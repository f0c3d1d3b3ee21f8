/**
 * From a hook's arguments to the words that its programs read, and back: a function of the hook's signature that runs
 * the program. What it is put together from is written out again and again on purpose. V8 keeps what it has seen at a
 * place by function literal, so one literal for all programs would have seen every shape; and it inlines those it finds
 * in constants of the function that it compiles, so that what is left of a hook is a call of WebAssembly.
 */
import type { LinearMemory } from '@lsmkit/core'
import type { ContextWord } from '../vm/executable.ts'
import type { Runnable } from '../vm/machine.ts'
import type { ObjectMemory } from './object-memory.ts'

/** A parameter of a hook: the struct that it points to, when it does; whether it is an address. */
interface Parameter {
  readonly struct: string | null
  readonly word: ContextWord
}

const parametersOf = (params: string): Parameter[] =>
  params === '' ? [] : params.split(',').map((text) => {
    const struct = /\bstruct (\w+) \*[^*]*$/.exec(text)?.[1] ?? null
    return { struct, word: struct === null ? 'number' : 'address' }
  })

/** What the context of a hook's programs is made of; of an fexit program the result stands behind the arguments. */
export const contextWordsOf = (params: string, hasResult: boolean): ContextWord[] =>
  [...parametersOf(params).map(({ word }) => word), ...(hasResult ? ['number' as const] : [])]

/** What becomes of a program that was stopped. */
export type OnStop = (error: unknown) => number

type Run = (...args: unknown[]) => number
type Word = (value: unknown) => number

/** Runs the program on arguments; r0's low word. `follows`: structs of placed objects that the program may read. */
export const hookFunction = (
  objects: ObjectMemory, program: Runnable, params: string, onStop: OnStop, follows: readonly string[] = [],
): Run => {
  const parameters = parametersOf(params)
  // an fexit program gets the result behind them
  while (parameters.length < program.words) parameters.push({ struct: null, word: 'number' })
  const lows: Word[] = []
  const highs: Word[] = []
  for (const [at, { struct, word }] of parameters.slice(0, program.words).entries()) {
    const isRead = (program.reads >> at & 1) === 1
    lows.push(!isRead ? nothing() : word === 'address' ? addressOf(objects, struct!) : lowOf(objects))
    highs.push(!isRead || word === 'address' ? nothing() : highOf())
  }
  const stopped = stopping(program, onStop)
  const run = BY_WORDS[program.words]!({ objects, entry: program.entry, lows, highs, stopped })
  if (follows.length === 0) return run
  return (...args) => {
    objects.refresh(follows)
    return run(...args)
  }
}

const stopping = (program: Runnable, onStop: OnStop) => (error: unknown): number => {
  try {
    return program.ended(error)
  } catch (fault) {
    return onStop(fault)
  }
}

interface Placed {
  readonly memory?: unknown
  readonly addr: number
}

interface Addresses {
  readonly linear: LinearMemory
  readonly other: (value: unknown) => number
}

/** Addresses of the structs that lie in the programs' memory; any other object gets one for the call. */
const ADDRESSES: Readonly<Record<string, (given: Addresses) => Word>> = {
  task_struct: ({ linear, other }) => (v) => ((v as Placed)?.memory === linear ? (v as Placed).addr : other(v)),
  cred: ({ linear, other }) => (v) => ((v as Placed)?.memory === linear ? (v as Placed).addr : other(v)),
  file: ({ linear, other }) => (v) => ((v as Placed)?.memory === linear ? (v as Placed).addr : other(v)),
  inode: ({ linear, other }) => (v) => ((v as Placed)?.memory === linear ? (v as Placed).addr : other(v)),
  dentry: ({ linear, other }) => (v) => ((v as Placed)?.memory === linear ? (v as Placed).addr : other(v)),
  super_block: ({ linear, other }) => (v) => ((v as Placed)?.memory === linear ? (v as Placed).addr : other(v)),
  socket: ({ linear, other }) => (v) => ((v as Placed)?.memory === linear ? (v as Placed).addr : other(v)),
  sock: ({ linear, other }) => (v) => ((v as Placed)?.memory === linear ? (v as Placed).addr : other(v)),
}

const addressOf = (objects: ObjectMemory, struct: string): Word => {
  const other = (value: unknown): number =>
    typeof value === 'number' ? value | 0 : objects.addressOf(value, struct)
  return ADDRESSES[struct]?.({ linear: objects.objects, other }) ?? other
}

const lowOf = (objects: ObjectMemory): Word => (value) =>
  typeof value === 'number' ? value | 0 : typeof value === 'boolean' ? Number(value) : objects.addressOf(value, null)

/** Upper word of a number as a 64-bit integer. */
const highOf = (): Word => (value) =>
  typeof value !== 'number' ? 0 : value === (value | 0) ? value >> 31 : Math.floor(value / 0x1_0000_0000) | 0

const nothing = (): Word => () => 0

interface HookParts {
  readonly objects: ObjectMemory
  readonly entry: Runnable['entry']
  readonly lows: readonly Word[]
  readonly highs: readonly Word[]
  readonly stopped: OnStop
}

/** By how many words of its context a program takes. Copies that were made for the call go when it ends. */
const BY_WORDS: readonly ((parts: HookParts) => Run)[] = [
  ({ objects, entry, stopped }) => () => {
    const copies = objects.top
    try {
      return entry()
    } catch (error) {
      return stopped(error)
    } finally {
      objects.top = copies
    }
  },
  ({ objects, entry, lows: [l0], highs: [h0], stopped }) => (a) => {
    const copies = objects.top
    try {
      return entry(l0!(a), h0!(a))
    } catch (error) {
      return stopped(error)
    } finally {
      objects.top = copies
    }
  },
  ({ objects, entry, lows: [l0, l1], highs: [h0, h1], stopped }) => (a, b) => {
    const copies = objects.top
    try {
      return entry(l0!(a), h0!(a), l1!(b), h1!(b))
    } catch (error) {
      return stopped(error)
    } finally {
      objects.top = copies
    }
  },
  ({ objects, entry, lows: [l0, l1, l2], highs: [h0, h1, h2], stopped }) => (a, b, c) => {
    const copies = objects.top
    try {
      return entry(l0!(a), h0!(a), l1!(b), h1!(b), l2!(c), h2!(c))
    } catch (error) {
      return stopped(error)
    } finally {
      objects.top = copies
    }
  },
  ({ objects, entry, lows: [l0, l1, l2, l3], highs: [h0, h1, h2, h3], stopped }) => (a, b, c, d) => {
    const copies = objects.top
    try {
      return entry(l0!(a), h0!(a), l1!(b), h1!(b), l2!(c), h2!(c), l3!(d), h3!(d))
    } catch (error) {
      return stopped(error)
    } finally {
      objects.top = copies
    }
  },
  ({ objects, entry, lows: [l0, l1, l2, l3, l4], highs: [h0, h1, h2, h3, h4], stopped }) => (a, b, c, d, e) => {
    const copies = objects.top
    try {
      return entry(l0!(a), h0!(a), l1!(b), h1!(b), l2!(c), h2!(c), l3!(d), h3!(d), l4!(e), h4!(e))
    } catch (error) {
      return stopped(error)
    } finally {
      objects.top = copies
    }
  },
  ({ objects, entry, lows: [l0, l1, l2, l3, l4, l5], highs: [h0, h1, h2, h3, h4, h5], stopped }) =>
    (a, b, c, d, e, f) => {
      const copies = objects.top
      try {
        return entry(
          l0!(a), h0!(a), l1!(b), h1!(b), l2!(c), h2!(c),
          l3!(d), h3!(d), l4!(e), h4!(e), l5!(f), h5!(f),
        )
      } catch (error) {
        return stopped(error)
      } finally {
        objects.top = copies
      }
    },
  ({ objects, entry, lows: [l0, l1, l2, l3, l4, l5, l6], highs: [h0, h1, h2, h3, h4, h5, h6], stopped }) =>
    (a, b, c, d, e, f, g) => {
      const copies = objects.top
      try {
        return entry(
          l0!(a), h0!(a), l1!(b), h1!(b), l2!(c), h2!(c), l3!(d), h3!(d),
          l4!(e), h4!(e), l5!(f), h5!(f), l6!(g), h6!(g),
        )
      } catch (error) {
        return stopped(error)
      } finally {
        objects.top = copies
      }
    },
]
