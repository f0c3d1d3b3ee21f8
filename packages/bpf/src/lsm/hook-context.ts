/**
 * From a hook's arguments to the words that its programs read, and back: a function of the hook's signature that runs
 * the program. It is made from text (hook-source.ts); where that is forbidden, from the functions here. They are
 * written out again and again on purpose: V8 keeps what it has seen at a place by function literal, so one literal for
 * all programs would have seen every shape; and it inlines those it finds in constants of the function it compiles.
 */
import { ownValue } from '@lsmkit/abi'
import type { KernelObjects } from '../kobject/kernel-objects.ts'
import type { StructRef } from '../kobject/slots.ts'
import type { ContextWord } from '../vm/executable.ts'
import type { Runnable } from '../vm/machine.ts'
import { mayCompile } from '../vm/may-compile.ts'
import { compiledHook } from './hook-source.ts'
import type { HookWord, Run, Word } from './hook-source.ts'

/** A parameter of a hook: the struct that it points to, when it does; whether it is an address. */
interface Parameter {
  readonly struct: string | null
  readonly word: ContextWord
}

const parametersOf = (params: string): Parameter[] =>
  params === '' ? [] : params.split(',').map((text) => {
    const struct = /\b(?:struct|union) (\w+) \*[^*]*$/.exec(text)?.[1] ?? null
    return { struct, word: struct === null ? 'number' : 'address' }
  })

/** The words of the context of a hook's programs; of an fexit program the result stands behind the arguments. */
export const contextWordsOf = (params: string, hasResult: boolean): ContextWord[] =>
  [...parametersOf(params).map(({ word }) => word), ...(hasResult ? ['number' as const] : [])]

/** The handling of a program that was stopped. */
export type OnStop = (error: unknown) => number

/** Runs the program on arguments, and on a result of type `ret` behind them; r0's low word. */
export const hookFunction = (
  objects: KernelObjects, program: Runnable, params: string, onStop: OnStop, ret: string | null = null,
): Run => {
  const parameters = parametersOf(params)
  if (ret !== null) parameters.push({ struct: parametersOf(ret)[0]!.struct, word: 'number' })
  // an fexit program gets the result behind them
  while (parameters.length < program.words) parameters.push({ struct: null, word: 'number' })
  const stopped = stopping(program, onStop)
  const words = parameters.slice(0, program.words).map(({ struct, word }, at): HookWord => {
    if ((program.reads >> at & 1) !== 1) return { low: null, high: null }
    if (word === 'address') return { low: addressOf(objects, struct!), high: null }
    return { low: struct === null ? lowOf(objects) : pointerOf(objects, struct), high: highOf(objects) }
  })
  if (mayCompile()) return compiledHook({ objects, program, words, arity: parameters.length, stopped })
  const lows = words.map(({ low }) => low ?? nothing())
  const highs = words.map(({ high }) => high ?? nothing())
  const { entry, mayKeep } = program
  return BY_WORDS[program.words]!({ objects, entry, lows, highs, stopped, mayKeep })
}

const stopping = (program: Runnable, onStop: OnStop) => (error: unknown): number => {
  try {
    return program.ended(error)
  } catch (fault) {
    return onStop(fault)
  }
}

/** Addresses by struct, a literal for each that is often met. */
const ADDRESSES: Readonly<Record<string, (objects: KernelObjects, ref: StructRef) => Word>> = {
  task_struct: (objects, ref) => (value) => objects.address(value as object | null, ref),
  cred: (objects, ref) => (value) => objects.address(value as object | null, ref),
  file: (objects, ref) => (value) => objects.address(value as object | null, ref),
  inode: (objects, ref) => (value) => objects.address(value as object | null, ref),
  dentry: (objects, ref) => (value) => objects.address(value as object | null, ref),
  super_block: (objects, ref) => (value) => objects.address(value as object | null, ref),
  socket: (objects, ref) => (value) => objects.address(value as object | null, ref),
  sock: (objects, ref) => (value) => objects.address(value as object | null, ref),
}

const addressOf = (objects: KernelObjects, struct: string): Word => {
  const ref = objects.refOf(struct)
  const direct = ref === null ? undefined : ownValue(ADDRESSES, struct)?.(objects, ref)
  return direct ?? ((value) => (typeof value === 'object' && ref !== null
    ? objects.address(value, ref)
    : objects.argument(value)))
}

/** The word, and in `objects.high` the upper one. */
const lowOf = (objects: KernelObjects): Word => (value) => {
  if (typeof value !== 'number' || value !== (value | 0)) return objects.argument(value)
  objects.high = value >> 31
  return value
}

/** The same of a result that is an object, or -errno as `ERR_PTR` makes it. */
const pointerOf = (objects: KernelObjects, struct: string): Word => {
  const address = addressOf(objects, struct)
  const low = lowOf(objects)
  return (value) => {
    if (typeof value === 'number') return low(value)
    objects.high = 0
    return address(value)
  }
}

/** Upper word of the value whose lower one was asked for just before. */
const highOf = (objects: KernelObjects): Word => () => objects.high

const nothing = (): Word => () => 0

interface HookParts {
  readonly objects: KernelObjects
  readonly entry: Runnable['entry']
  readonly lows: readonly Word[]
  readonly highs: readonly Word[]
  readonly stopped: OnStop
  readonly mayKeep: boolean
}

/** By how many words of its context a program takes. What was shown to it is forgotten when it ends. */
const BY_WORDS: readonly ((parts: HookParts) => Run)[] = [
  ({ objects, entry, stopped, mayKeep }) => () => {
    const { top } = objects
    try {
      return entry()
    } catch (error) {
      return stopped(error)
    } finally {
      if (objects.top !== top) objects.release(top, mayKeep)
    }
  },
  ({ objects, entry, lows: [l0], highs: [h0], stopped, mayKeep }) => (a) => {
    const { top } = objects
    try {
      return entry(l0!(a), h0!(a))
    } catch (error) {
      return stopped(error)
    } finally {
      if (objects.top !== top) objects.release(top, mayKeep)
    }
  },
  ({ objects, entry, lows: [l0, l1], highs: [h0, h1], stopped, mayKeep }) => (a, b) => {
    const { top } = objects
    try {
      return entry(l0!(a), h0!(a), l1!(b), h1!(b))
    } catch (error) {
      return stopped(error)
    } finally {
      if (objects.top !== top) objects.release(top, mayKeep)
    }
  },
  ({ objects, entry, lows: [l0, l1, l2], highs: [h0, h1, h2], stopped, mayKeep }) => (a, b, c) => {
    const { top } = objects
    try {
      return entry(l0!(a), h0!(a), l1!(b), h1!(b), l2!(c), h2!(c))
    } catch (error) {
      return stopped(error)
    } finally {
      if (objects.top !== top) objects.release(top, mayKeep)
    }
  },
  ({ objects, entry, lows: [l0, l1, l2, l3], highs: [h0, h1, h2, h3], stopped, mayKeep }) => (a, b, c, d) => {
    const { top } = objects
    try {
      return entry(l0!(a), h0!(a), l1!(b), h1!(b), l2!(c), h2!(c), l3!(d), h3!(d))
    } catch (error) {
      return stopped(error)
    } finally {
      if (objects.top !== top) objects.release(top, mayKeep)
    }
  },
  ({ objects, entry, lows: [l0, l1, l2, l3, l4], highs: [h0, h1, h2, h3, h4], stopped, mayKeep }) =>
    (a, b, c, d, e) => {
      const { top } = objects
      try {
        return entry(l0!(a), h0!(a), l1!(b), h1!(b), l2!(c), h2!(c), l3!(d), h3!(d), l4!(e), h4!(e))
      } catch (error) {
        return stopped(error)
      } finally {
        if (objects.top !== top) objects.release(top, mayKeep)
      }
    },
  ({ objects, entry, lows: [l0, l1, l2, l3, l4, l5], highs: [h0, h1, h2, h3, h4, h5], stopped, mayKeep }) =>
    (a, b, c, d, e, f) => {
      const { top } = objects
      try {
        return entry(
          l0!(a), h0!(a), l1!(b), h1!(b), l2!(c), h2!(c),
          l3!(d), h3!(d), l4!(e), h4!(e), l5!(f), h5!(f),
        )
      } catch (error) {
        return stopped(error)
      } finally {
        if (objects.top !== top) objects.release(top, mayKeep)
      }
    },
  ({ objects, entry, lows: [l0, l1, l2, l3, l4, l5, l6], highs: [h0, h1, h2, h3, h4, h5, h6], stopped, mayKeep }) =>
    (a, b, c, d, e, f, g) => {
      const { top } = objects
      try {
        return entry(
          l0!(a), h0!(a), l1!(b), h1!(b), l2!(c), h2!(c), l3!(d), h3!(d),
          l4!(e), h4!(e), l5!(f), h5!(f), l6!(g), h6!(g),
        )
      } catch (error) {
        return stopped(error)
      } finally {
        if (objects.top !== top) objects.release(top, mayKeep)
      }
    },
]
