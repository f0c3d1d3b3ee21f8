/**
 * Hooks as a module gives them, made one group. Every function that may be meant as a hook is found, inherited and not
 * enumerable ones too, or it is an error: a hook that is never asked protects nothing.
 */
import { didYouMean } from './did-you-mean.ts'
import { DefineError } from './errors.ts'
import type { DefineCode } from './errors.ts'
import { hookDefs } from './hooks/hook-defs.ts'
import type { HookMap } from './hooks/hook-defs.ts'
import type { HookFn } from './hooks/hook-types.ts'
import type { OwnHookDefs, OwnHookMap } from './hooks/own-hooks.ts'
import { isKernelHook, laterHookNames } from './hooks/release-hook-defs.ts'
import type { LaterHookMap } from './hooks/release-maps.ts'
import { classOf, kindOf } from './text-of.ts'

/**
 * Some hooks, in the kernel's names and in the signatures of ABI 1.0, which are those of 6.12; those that came later in
 * their own. A stack of another kernel translates what changed, and leaves out what that kernel does not have.
 */
export type HookGroup = {
  readonly [N in keyof (HookMap & LaterHookMap & OwnHookMap)]?: (HookMap & LaterHookMap & OwnHookMap)[N] | undefined
}

type Fault = (code: DefineCode, message: string, hint?: string | null) => DefineError

const EXAMPLE = 'hooks: [taskHooks(state), inodeHooks(state)]'

/** `hooks` of one module. */
export class HookGroups {
  readonly #fault: Fault
  readonly #ownHooks: OwnHookDefs

  constructor(place: string, ownHooks: OwnHookDefs) {
    this.#fault = (code, message, hint = null) => new DefineError(code, message, { place, hint })
    this.#ownHooks = ownHooks
  }

  /** Refuses what can make no group: one that is made later, or with `new`. */
  checkMaker(make: HookFn): void {
    const kind = kindOf(make)
    if (kind === 'a class') throw this.#fault('bad-group', '`hooks` is a class', 'give an object of it: `new Rules()`')
    if (kind !== 'a function') {
      throw this.#fault('bad-group', `\`hooks\` is ${kind}`, 'a stack takes what it returns, at once')
    }
  }

  /** One group out of several; throws where two define the same hook. */
  merge(hooks: HookGroup | readonly HookGroup[]): HookGroup {
    const merged: Record<string, HookFn> = {}
    for (const group of Array.isArray(hooks) ? (hooks as readonly HookGroup[]) : [hooks as HookGroup]) {
      this.#addHooks(group, merged)
    }
    return merged as HookGroup
  }

  /**
   * The properties of an object, and of the prototypes that its author made for it. Methods of those keep their `this`.
   */
  #addHooks(group: HookGroup, merged: Record<string, HookFn>): void {
    const kind = kindOf(group)
    if (!kind.startsWith('an object')) throw this.#fault('bad-group', `a group of hooks is ${kind}`, EXAMPLE)
    const isPlain = classOf(group) === null
    let isEmpty = true
    for (const name of namesOf(group)) {
      const fn = this.#hook(name, (group as Record<string, unknown>)[name], isPlain)
      if (fn === undefined) continue
      isEmpty = false
      if (Object.hasOwn(merged, name)) {
        throw this.#fault('duplicate-hook', `\`${name}\` is in two groups`,
          'one LSM has one function a hook: join them')
      }
      merged[name] = isPlain ? fn : bound(fn, group)
    }
    if (!isPlain && isEmpty) throw this.#fault('bad-group', `there is no hook on ${kind}`)
  }

  #hook(name: string, value: unknown, isPlain: boolean): HookFn | undefined {
    if (!isKernelHook(name) && !Object.hasOwn(this.#ownHooks, name)) {
      const near = didYouMean(name, [...Object.keys(hookDefs), ...laterHookNames, ...Object.keys(this.#ownHooks)])
      throw this.#fault('unknown-hook', `there is no hook \`${name}\``,
        near ?? (isPlain ? null : `what is not a hook is private: \`#${name}\``))
    }
    if (value === undefined) return undefined
    const kind = kindOf(value)
    if (typeof value !== 'function' || kind === 'a class') {
      throw this.#fault('bad-hook', `\`${name}\` is ${kind} and no function`)
    }
    return value as HookFn
  }
}

/** Names that are an object's own or of a prototype that somebody has made, each once. */
const namesOf = (group: object): ReadonlySet<string> => {
  const names = new Set<string>()
  for (let at = group; at !== null && Object.getPrototypeOf(at) !== null; at = Object.getPrototypeOf(at) as object) {
    for (const name of Object.getOwnPropertyNames(at)) if (at === group || name !== 'constructor') names.add(name)
  }
  if (Object.getPrototypeOf(group) === null) for (const name of Object.getOwnPropertyNames(group)) names.add(name)
  return names
}

/** What is marked on a function stays on it. */
const bound = (fn: HookFn, to: object): HookFn => Object.assign(fn.bind(to) as HookFn, fn)
