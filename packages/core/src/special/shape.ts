/** How a hook departs from "ask the members in order": the parts a framework function can have beside the chain. */
import type { HookFn } from '../hooks/hook-types.ts'
import type { Guarded, Slot, Verdict } from '../dispatch/slot.ts'
import type { DispatchEnv } from '../dispatch/strategy.ts'

/**
 * Looks at the arguments before any LSM does; an answer other than the hook's default ends the call with the verdict.
 */
export interface Gate {
  readonly fn: HookFn
  readonly verdict: Verdict
  /** Needed with nobody on the hook too. */
  readonly always?: boolean
}

/** The environment of a framework function, besides its arguments. */
export interface Frame {
  readonly env: DispatchEnv
  readonly slot: Slot
  /** Another hook of the same stack. */
  readonly hook: (name: string) => Slot
  readonly kernelExact: boolean
}

/** Runs the members its own way. `members` is asked for once a call. */
export type Walk = (members: () => readonly Guarded[], frame: Frame) => HookFn

export interface Shape {
  readonly gate?: Gate
  /** The framework function around the chain, if it needs only the arguments. Calls the chain with its `this`. */
  readonly around?: (chain: HookFn) => HookFn
  /** The same where it needs the stack; null when this stack leaves it nothing to do. */
  readonly frame?: (frame: Frame) => ((chain: HookFn) => HookFn) | null
  /** Instead of the generic rule. */
  readonly walk?: Walk
  /** The answer with nobody on the hook, or null when there is work to do even then. Unless given: the default. */
  readonly idle?: (env: DispatchEnv) => number | null
}

/** For hooks whose framework function acts with nobody on them. */
export const busy = (): null => null
