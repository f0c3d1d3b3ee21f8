/**
 * Functions and classes of the embedder as imports of a component. Names come from the component, so only what the
 * object itself has is found: neither `Object.prototype` nor `Function.prototype` lends it a function.
 */
import { ProgramError } from '../errors.ts'
import type { GivenImports } from '../given-imports.ts'
import type { Import } from '../guard.ts'
import type { Process } from '../process.ts'
import { importFailed } from './import-failed.ts'
import type { Outside } from './calls.ts'
import type { ComponentValue } from './scalars.ts'

/** Finds what stands for a function of one import. Throws `unknown-import` where there is none. */
export type Giver = (name: string) => Outside
/** Null for an import that nobody gives. */
export type Given = (name: string) => Giver | null

/** For looking at a component before it is known: whatever it imports is given. */
export const allGiven: Given = () => () => () => undefined

/** The words of a name behind one another: `get-all` is getAll. */
const camel = (name: string): string => name.replace(/-([a-z\d])/gi, (_, letter: string) => letter.toUpperCase())
const pascal = (name: string): string => camel(`-${name}`)

/** A property of the object itself, by the first of these names. */
const own = (object: object, ...names: readonly string[]): unknown => {
  for (const name of names) {
    const found = Object.getOwnPropertyDescriptor(object, name)
    if (found !== undefined) return (object as Readonly<Record<string, unknown>>)[name]
  }
  return undefined
}

/** A property of the object or of what it inherits from, up to the language's own. */
const inherited = (object: object | null, ...names: readonly string[]): unknown => {
  for (let at = object; at !== null && at !== Object.prototype && at !== Function.prototype;
    at = Object.getPrototypeOf(at) as object | null) {
    const found = own(at, ...names)
    if (found !== undefined) return found
  }
  return undefined
}

type Class = new (...args: readonly ComponentValue[]) => object
type Method = (...args: readonly ComponentValue[]) => ReturnType<Outside>

const KIND = /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/

const missing = (from: string, name: string, what: string): ProgramError =>
  new ProgramError('unknown-import', `the component imports \`${from}.${name}\``, `\`imports\` has no ${what} for it`)

const classOf = (from: string, of: object, name: string, resource: string): Class => {
  const found = own(of, resource, pascal(resource))
  if (typeof found === 'function') return found as Class
  throw missing(from, name, `class \`${pascal(resource)}\``)
}

/** A method of an object that has to be of the class. */
const method = (of: Class, from: string, name: string, member: string): Outside => {
  const prototype = (of.prototype ?? null) as object | null
  const found = member === 'constructor' ? undefined : inherited(prototype, member, camel(member))
  if (typeof found !== 'function') throw missing(from, name, `method \`${camel(member)}\``)
  return ([self, ...args]) => {
    if (!(self instanceof of)) throw new TypeError(`the resource is not a ${of.name}`)
    return Reflect.apply(found as Method, self, args) as ReturnType<Outside>
  }
}

const member = (from: string, of: object): Giver => (name) => {
  const [, kind, resource = '', part = ''] = KIND.exec(name) ?? []
  if (kind === undefined) {
    const found = own(of, name, camel(name))
    if (typeof found !== 'function') throw missing(from, name, `function \`${camel(name)}\``)
    return (args) => Reflect.apply(found as Method, of, args) as ReturnType<Outside>
  }
  const type = classOf(from, of, name, resource)
  if (kind === 'constructor') return (args) => new type(...args) as unknown as ComponentValue
  if (kind === 'method') return method(type, from, name, part)
  const found = inherited(type, part, camel(part))
  if (typeof found !== 'function') throw missing(from, name, `static method \`${camel(part)}\``)
  return (args) => Reflect.apply(found as Method, type, args) as ReturnType<Outside>
}

/** `1.2.3` is as good as `1.0.0`, and `0.2.6` as `0.2.0` (semantic versions). */
const trackOf = (name: string): string => {
  const [, of = name, major, minor] = /^([^@]+)@(\d+)\.(\d+)/.exec(name) ?? []
  return major === undefined ? name : major === '0' ? `${of}@0.${minor}` : `${of}@${major}`
}

/** Finds an import in the object of the embedder's. */
export const givenBy = (imports: GivenImports): Given => (name) => {
  const similar = Object.keys(imports).find((one) => one.includes('@') && trackOf(one) === trackOf(name))
  const found = own(imports, name, name.replace(/@.*$/, ''), ...similar === undefined ? [] : [similar])
  if (typeof found === 'function') return () => (args) => (found as Method)(...args)
  return typeof found === 'object' && found !== null ? member(name, found) : null
}

/** A stack that is full ends a program in its own way. */
const isOverflow = (error: unknown): boolean => error instanceof RangeError && /call stack/i.test(error.message)

/**
 * A function of the host or the embedder as a core function: one that throws, or that gives a wrong value, ends the
 * component. An exception by itself would not: a component can catch those.
 */
export const ending = (process: Process, name: string, call: Import): Import => {
  const fail = (error: unknown): never => {
    if (process.ending !== null || isOverflow(error)) throw error
    return importFailed(process, name, error)
  }
  return (...words: readonly unknown[]) => {
    try {
      const answer = call(...words) as unknown
      if (!(answer instanceof Promise)) return answer
      if (process.maySuspend) return answer.catch(fail)
      answer.catch(() => {})
    } catch (error) {
      return fail(error)
    }
    return fail(new Error('it answers later, and the component keeps the thread (runWasiAsync lets it wait)'))
  }
}
