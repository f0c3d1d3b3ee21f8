/** Functions that read a member of an object by its name, or of a part of it. */

import { mayCompile } from '../vm/may-compile.ts'

/** The value at a place of an object; undefined if the host's object has nothing there. */
export type Read = (object: never) => unknown

type Step = (object: Record<string, unknown>) => unknown

const made = new Map<string, Read>()

/**
 * The members in `path`, one in the other. Made from text where that is allowed: V8 keeps what it has seen at a place
 * by function literal, and one literal for all members would have seen every one of them.
 */
export const readerOf = (path: readonly string[]): Read => {
  const key = path.join('.')
  let read = made.get(key)
  if (read === undefined) made.set(key, (read = mayCompile() && path.every(isName) ? compiled(path) : composed(path)))
  return read
}

/** Types may have any text for a name; only these get into code. */
export const isName = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name)

const compiled = (path: readonly string[]): Read => new Function('o', `return o.${path.join('?.')}`) as Read

const composed = (path: readonly string[]): Read => {
  const [first, second, ...more] = path as [string, ...string[]]
  const one: Step = (object) => object[first]
  if (second === undefined) return one as Read
  const rest = composed([second, ...more]) as Step
  return ((object: Record<string, unknown>) => {
    const part = object[first]
    return part === null || part === undefined ? undefined : rest(part as Record<string, unknown>)
  }) as Read
}
