/** A strategy decides what stands behind the key of a hook, and what is done when its members change. */
import type { AnyHookDef, HookFn } from '../hooks/hook-types.ts'
import { answerOf, publish } from './key.ts'
import type { Answer, Answers } from './key.ts'
import type { Slot } from './slot.ts'
import type { StrategyName } from './strategy.ts'

export interface Strategy {
  readonly name: StrategyName
  /** The first answer of a new table's key. */
  first(slot: Slot): Answer
  /** The same for the other hooks of a profile than `busy`, where one that answers its default takes no slot. */
  idle?(hooks: Readonly<Record<string, AnyHookDef>>, busy: ReadonlySet<string>): Answers
  /** Members or trampoline are others than before: at its return the next call must meet the new ones. */
  refresh(slot: Slot): void
  /** The form of the answer behind the key now, in words for explain(). */
  form(slot: Slot): string
}

/** The strategy's function for the chain, inside the framework function. */
export const framed = (slot: Slot, chain: HookFn): HookFn =>
  slot.walk ?? (slot.around === null ? chain : slot.around(chain))

/** The whole function of a hook: programs around the framework function, if there are any. */
export const traced = (slot: Slot, fn: HookFn): HookFn => (slot.trampoline === null ? fn : slot.trampoline.around(fn))

/** A fresh answer for a key: the function with the programs around it. */
export const exposed = (slot: Slot, fn: HookFn): Answer => answerOf(slot.kind, traced(slot, fn))

/** Puts it behind the key. */
export const expose = (slot: Slot, fn: HookFn): void => publish(slot.kind, slot.key, exposed(slot, fn))
