/**
 * The forms of a call: with a callback, and as a promise. The work is done at once, in the caller's thread; the answer
 * comes in a later turn of the event loop, as Node's do, so that calls in a chain keep no timer waiting.
 */
import { setImmediate } from 'node:timers'
import { AbortError, isArgumentError } from './arguments/argument-error.ts'
import { functionOf } from './arguments/checks.ts'

export type Call = (...args: never[]) => unknown
export type Callback<T> = (error: Error | null, result?: T) => void

/** What a call came to. */
type Outcome = { readonly error: unknown } | { readonly result: unknown }

const outcomeOf = (act: () => unknown): Outcome => {
  try {
    return { result: act() }
  } catch (error) {
    return { error }
  }
}

/** A signal that ends the call before its answer has come. */
const signalIn = (args: readonly unknown[]): AbortSignal | null => {
  const options = args.find((one) => typeof one === 'object' && one !== null && 'signal' in one)
  const { signal } = (options ?? {}) as { signal?: unknown }
  return signal instanceof AbortSignal ? signal : null
}

/** Hands the outcome over in a later turn; a signal may come first. */
const deliver = (outcome: Outcome, args: readonly unknown[], hand: (outcome: Outcome) => void): void => {
  const signal = signalIn(args)
  setImmediate(() => hand(signal?.aborted === true ? { error: new AbortError(signal) } : outcome))
}

export const later = (call: Call) => (...args: unknown[]): Promise<unknown> => {
  const outcome = outcomeOf(() => call(...args as never[]))
  return new Promise((resolve, reject) => {
    deliver(outcome, args, (ended) => ('error' in ended ? reject(ended.error as Error) : resolve(ended.result)))
  })
}

/** The callback is the last argument. A wrong argument is thrown at once. */
export const withCallback = (call: Call) => (...args: unknown[]): void => {
  // what stands behind the callback is undefined
  const at = args.findLastIndex((one) => one !== undefined)
  const callback = functionOf(at < 1 ? undefined : args[at], 'cb') as (...answer: unknown[]) => void
  const given = args.slice(0, at)
  const outcome = outcomeOf(() => call(...given as never[]))
  if ('error' in outcome && isArgumentError(outcome.error)) throw outcome.error
  deliver(outcome, given, (ended) => {
    if ('error' in ended) callback(ended.error)
    else if (ended.result === undefined) callback(null)
    else callback(null, ended.result)
  })
}

/** Each call of a table in one form, under its name and `suffix`. */
export const inForm = (calls: object, form: (call: Call) => unknown, suffix = ''): Record<string, unknown> =>
  Object.fromEntries(Object.entries(calls).map(([name, call]) => [`${name}${suffix}`, form(call as Call)]))
