/** The base of all builders: where objects come from, whether LSM state is put on them, and numbers for them. */
import { didYouMean, OptionError, plainObjects } from '@lsmkit/core'
import type { AnyKeyMap, Objects, Stack, SuperBlock, Task, UserNamespace } from '@lsmkit/core'
import { errnoName } from '@lsmkit/abi'
import { TestkitError } from '../errors.ts'

export interface Maker {
  readonly objects: Objects
  readonly user_ns: UserNamespace
  /** Asked for state as a kernel would; null: objects are left bare. */
  readonly lsm: AnyKeyMap | null
  /** The task whose creds new ones are prepared from. */
  readonly current: () => Task | null
  /** Counts up from 100: pids, inode numbers, ids. */
  readonly next: () => number
  /** The file system of objects that name no other; made at the first use. */
  common: SuperBlock | null
}

/** Objects of `stack`, with state when `allocate`; plain ones of no stack without. */
export const createMaker = (stack: Stack | null, allocate: boolean, user_ns: UserNamespace): Maker => {
  let number = 100
  return {
    objects: stack?.objects ?? plainObjects,
    user_ns,
    lsm: allocate ? (stack?.lsm ?? null) : null,
    current: () => stack?.current.task ?? null,
    next: () => number++,
    common: null,
  }
}

/** Throws TestkitError `refused` unless a hook agreed: a test wants the object, not its refusal. */
export const mustAgree = (rc: number, hook: string): void => {
  if (rc === 0) return
  const hint = 'make the object without this stack, or as a task that may have it'
  throw new TestkitError('refused', `${hook} answered ${errnoName(rc)}`, { place: hook, hint })
}

/** Fields of `T` to start from. */
export type Fields<T> = { readonly [N in Exclude<keyof T, 'security'>]?: T[N] }

/**
 * Assigns what is given; undefined is not. Throws OptionError for a field that the object has not, or that is not of
 * the type it starts with. `of`: the builder; `also`: what else it takes, for hints.
 */
export const assign = <T extends object>(object: T, fields: Fields<T>, of: string, also: readonly string[] = []): T => {
  for (const [name, value] of Object.entries(fields)) {
    if (!(name in object)) {
      const hint = didYouMean(name, [...also, ...namesOf(object)])
      throw new OptionError('unknown-option', `there is no field \`${name}\``, { place: of, hint })
    }
    if (value === undefined) continue
    const kind = typeof object[name as keyof T]
    if (primitives.has(kind) && typeof value !== kind) {
      throw new OptionError('bad-option', `\`${name}\` is not a ${kind}`, { place: of })
    }
    Object.assign(object, { [name]: value })
  }
  return object
}

const primitives = new Set(['number', 'string', 'boolean', 'bigint'])

/** Its fields, and those that are accessors of its class. */
const namesOf = (object: object): string[] => [
  ...Object.keys(object), ...Object.getOwnPropertyNames(Object.getPrototypeOf(object)),
]

/** The same functions without their first parameter. */
type Bound<T> = {
  readonly [Name in keyof T]: T[Name] extends (maker: Maker, ...args: infer Args) => infer Made
    ? (...args: Args) => Made : never
}

/** Builders that take their maker first, made builders of one maker. The kernel has its own: this entry needs none. */
export const bound = <T extends Readonly<Record<string, (maker: Maker, ...args: never[]) => unknown>>>(
  maker: Maker, builders: T,
): Bound<T> =>
  Object.fromEntries(Object.entries(builders).map(([name, build]) => [name, build.bind(null, maker)])) as Bound<T>
