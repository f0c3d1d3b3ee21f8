/** What all builders share: where objects come from, whether LSM state is put on them, and numbers for them. */
import { plainObjects } from '@lsmkit/core'
import type { LsmTable, Objects, Stack, Task, UserNamespace } from '@lsmkit/core'
import { errnoName } from '@lsmkit/abi'
import { TestkitError } from '../errors.ts'

export interface Maker {
  readonly objects: Objects
  readonly user_ns: UserNamespace
  /** Asked for state as a kernel would; null: objects are left bare. */
  readonly lsm: LsmTable | null
  /** Whose creds new ones are prepared from. */
  readonly current: () => Task | null
  /** Counts up from 100: pids, inode numbers, ids. */
  readonly next: () => number
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

/** Assigns what is given; undefined is not. */
export const assign = <T extends object>(object: T, fields: Fields<T>): T => {
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) Object.assign(object, { [name]: value })
  return object
}
