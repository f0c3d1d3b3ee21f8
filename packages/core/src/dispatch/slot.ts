/** One hook of one stack: who is on it, how it departs from the generic rules, and where its last call was ended. */
import { ECHILD } from '@lsmkit/abi'
import type { AnyHookDef, HookFn } from '../hooks/hook-types.ts'
import type { HookKind, Key } from './key.ts'
import { silent } from './report.ts'
import type { Range } from './range.ts'
import type { Args, Reporter } from './report.ts'
import type { Member } from './strategy.ts'
import type { Trampoline } from '../programs/trampoline.ts'

/** The caller's result when a gate does not pass the arguments. */
export type Verdict = (slot: Slot, args: Args) => number

export interface ChainMember extends Member {
  /** Attached at run time, not registered by an LSM. */
  readonly program: boolean
  readonly range: Range
  /** Of a gate: not an LSM's function but the framework's look at the arguments. */
  readonly verdict: Verdict | null
}

/** A member as a walk sees it: it never throws, and what it returns is an int32. */
export interface Guarded {
  readonly lsm: string
  readonly id: number
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- generic over signatures, as HookFn is
  readonly fn: (...args: any[]) => number
}

export class Slot {
  readonly name: string
  readonly def: AnyHookDef
  readonly kind: HookKind
  /** Set once, when the table is made. */
  key: Key = unborn
  /** Functions that stacks share can find this slot by its key. */
  isKnown = false
  readonly reporter: Reporter
  /** Functions a call goes through, in order. Replaced, never changed: a call ends with the list it began with. */
  chain: readonly ChainMember[] = []
  /** The framework function around the chain; null where there is nothing to it. */
  around: ((chain: HookFn) => HookFn) | null = null
  /** `around` knows its stack, so what it is around of cannot be shared with another one. */
  perStack = false
  /** The answer with nobody on the hook; null when the framework function acts even then. */
  idle: number | null
  /** The explicit function of a hook that follows neither generic rule; reads `guarded` at each call. */
  walk: HookFn | null = null
  guarded: readonly Guarded[] = []
  /** Programs around the framework function itself; null while there are none. */
  trampoline: Trampoline | null = null
  /** Where the last chain that somebody ended stood then: rollback needs to know who has run. */
  endedIn: readonly ChainMember[] = []
  endedAt = -1
  /** The answer that is passed on without being settled. */
  readonly retry: number

  constructor(name: string, def: AnyHookDef, reporter: Reporter) {
    this.name = name
    this.def = def
    this.kind = def.ret
    this.reporter = reporter
    this.idle = def.default
    this.retry = retryOf(name, def)
  }
}

/** Stands for the key of a slot that no table has. */
const unborn: Key = Object.freeze({ tell() {} })

const slots = new WeakMap<Key, Slot>()

/** Lets functions that are shared by stacks find the slot; a slot nobody is on need not be known. */
export const register = (slot: Slot): void => {
  if (slot.isKnown) return
  slots.set(slot.key, slot)
  slot.isKnown = true
}

/** Answers are shared by stacks with the same functions: which stack is calling is known by the key. */
export const slotOf = (key: Key | undefined, name: string, def: AnyHookDef): Slot =>
  (key === undefined ? undefined : slots.get(key)) ?? new Slot(name, def, silent)

/**
 * -ECHILD of the two hooks that walks ask which must not sleep: no refusal but the wish to be asked again, said at
 * every walk. It is passed on and not settled. Elsewhere the default, which does not end a chain.
 */
export const retryOf = (name: string, { default: value }: AnyHookDef): number =>
  name === 'inode_permission' || name === 'inode_follow_link' ? -ECHILD : value

/**
 * Ends an int chain: member `at` answered `value`, or threw it when `at` is the complement of its index. Returns what
 * the caller gets.
 */
export const settle = (slot: Slot, chain: readonly ChainMember[], at: number, value: unknown, args: Args): number => {
  try {
    return settled(slot, chain, at, value, args)
  } catch (error) {
    return slot.reporter.unreported(error)
  }
}

const settled = (slot: Slot, chain: readonly ChainMember[], at: number, value: unknown, args: Args): number => {
  if (value === slot.retry && at >= 0) return slot.retry
  const threw = at < 0
  const index = threw ? ~at : at
  const member = chain[index]!
  const { name, reporter } = slot
  const rc = threw
    ? reporter.thrown(name, member.lsm, value, args)
    : reporter.int(name, member.lsm, member.range, value, args)
  const isVerdict = member.verdict !== null && !threw
  if (!isVerdict) reporter.settled(name, member.lsm, rc, args)
  // behind the report: who is told may call the hook again
  slot.endedIn = chain
  slot.endedAt = index
  return isVerdict ? member.verdict!(slot, args) : rc
}

/**
 * A void chain met something: member `at` returned a value other than undefined, or threw it (complement). After a
 * throw the members behind it run here.
 */
export const noteTold = (slot: Slot, chain: readonly ChainMember[], at: number, value: unknown, args: Args): void => {
  const { name, reporter } = slot
  try {
    if (at >= 0) return reporter.told(name, chain[at]!.lsm, value, args)
    reporter.thrown(name, chain[~at]!.lsm, value, args)
  } catch (error) {
    reporter.unreported(error)
  }
  if (at < 0) tellFrom(slot, chain, ~at + 1, args)
}

/** Runs the members of a void chain from `at` on, each whatever the others do. */
export const tellFrom = (slot: Slot, chain: readonly ChainMember[], at: number, args: Args): void => {
  for (let i = at; i < chain.length; i++) {
    try {
      tellOne(slot, chain[i]!, args)
    } catch (error) {
      slot.reporter.unreported(error)
    }
  }
}

const tellOne = ({ name, reporter }: Slot, { lsm, fn }: ChainMember, args: Args): void => {
  try {
    const value: unknown = Reflect.apply(fn, undefined, args)
    if (value !== undefined) reporter.told(name, lsm, value, args)
  } catch (error) {
    reporter.thrown(name, lsm, error, args)
  }
}
