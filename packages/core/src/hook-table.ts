/** Hooks as plain functions that take the state of a module first, and the hooks of one instance made from them. */
import type { HookGroup } from './hook-groups.ts'
import type { HookFn } from './hooks/hook-types.ts'

type Fn<Name extends keyof HookGroup> = NonNullable<HookGroup[Name]>

/**
 * Hooks that belong to no instance yet: each takes the state of its module, then the arguments of the hook. The
 * functions hold no state of their own, so a test can call one of them alone. `bindHooks` makes a `HookGroup` of them.
 */
export type HookTable<State> = {
  readonly [Name in keyof HookGroup]?: (state: State, ...args: Parameters<Fn<Name>>) => ReturnType<Fn<Name>>
}

/**
 * The hooks of one instance: the functions of the table with `state` as their first argument. Marks on a function
 * (`answersPositive`) stay. V8 calls and inlines them as it does functions that close over their state.
 */
export const bindHooks = <State>(state: State, table: HookTable<State>): HookGroup =>
  Object.fromEntries(
    Object.entries(table as Readonly<Record<string, HookFn>>).map(([name, hook]) => [name, bound(hook, state)]),
  )

const bound = (hook: HookFn, state: unknown): HookFn => Object.assign(hook.bind(null, state) as HookFn, hook)
