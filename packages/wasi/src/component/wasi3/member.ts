/** The functions of WASI 0.3: their form here, and those that WASI 0.2 has by the same or another name. */
import type { ComponentValue } from '../scalars.ts'
import type { Signature } from '../value-types.ts'
import type { Host3 } from './streams.ts'

type Args = readonly ComponentValue[]

type Answered = ComponentValue | undefined

/**
 * A function: one that answers at once, or by a promise where it has to wait; or one that begins and answers when it
 * has come to an end.
 */
export type Member =
  | { readonly call: (args: Args, signature: Signature) => Answered | Promise<Answered> }
  | { readonly later: (args: Args, answer: (value: ComponentValue | undefined) => void, signature: Signature) => void }

/** The functions of an interface by name. */
export type Functions = (host: Host3) => Readonly<Record<string, Member>>

/** A function without arguments. */
export const at = (call: () => ComponentValue | undefined): Member => ({ call })

/** The function `name` of the interface `from` of WASI 0.2. */
export const spelled = ({ spelling }: Host3, from: string, name: string): Member =>
  ({ call: (args, signature) => spelling.call(from, name, args, signature) })

/** Methods of a resource that 0.2 has by the same names. */
export const sameMethods = (
  host: Host3, from: string, resource: string, names: readonly string[],
): Readonly<Record<string, Member>> =>
  Object.fromEntries(names.map((name) => {
    const whole = `[method]${resource}.${name}`
    return [whole, spelled(host, from, whole)]
  }))

/** `get-NAME` and `set-NAME` of a resource, which 0.2 has as `NAME` and `set-NAME`. */
export const getters = (
  host: Host3, from: string, [own, theirs]: readonly [resource3: string, resource2: string], names: readonly string[],
): Readonly<Record<string, Member>> =>
  Object.fromEntries(names.map((name) =>
    [`[method]${own}.get-${name}`, spelled(host, from, `[method]${theirs}.${name}`)]))

export const setters = (
  host: Host3, from: string, [own, theirs]: readonly [resource3: string, resource2: string], names: readonly string[],
): Readonly<Record<string, Member>> =>
  Object.fromEntries(names.map((name) =>
    [`[method]${own}.set-${name}`, spelled(host, from, `[method]${theirs}.set-${name}`)]))
