/** Builds the function of a chain from the templates, and the forms that read the members anew at each call. */
import type { AnyHookDef, HookFn } from '../hooks/hook-types.ts'
import { ASK, ASK_MANY } from '../generated/ask-templates.ts'
import type { End } from '../generated/ask-templates.ts'
import type { ChainMember } from './slot.ts'
import { ASK_LIST, TELL_LIST } from '../generated/list-templates.ts'
import { noteTold, retryOf, settle, slotOf } from './slot.ts'
import type { Slot } from './slot.ts'
import { TELL, TELL_MANY } from '../generated/tell-templates.ts'

/** A chain nobody is on, for framework functions that act all the same. Fresh, like everything behind a key. */
export const noChain = ({ default: value }: AnyHookDef): HookFn => (value === 0 ? () => 0 : () => value)

/**
 * A fresh function that runs exactly these members. Its `this` is the key, from which it finds the stack that is
 * calling.
 */
export const flatChain = (name: string, def: AnyHookDef, chain: readonly ChainMember[]): HookFn => {
  const { nparams } = def
  const fns = chain.map((member) => member.fn)
  // Six variables, not a spread: attaching runs this cold. A template takes as many as it has places for.
  const { 0: m0, 1: m1, 2: m2, 3: m3, 4: m4, 5: m5 } = fns as unknown as Record<number, HookFn>
  if (def.ret === 'void') {
    const tell = TELL[nparams]![fns.length - 1]
    const note = (key: Slot['key'] | undefined, at: number, value: unknown, ...args: unknown[]): void =>
      noteTold(slotOf(key, name, def), chain, at, value, args)
    return tell ? tell(note, m0, m1, m2, m3, m4, m5) : TELL_MANY[nparams]!(note, fns)
  }
  const ask = ASK[nparams]![fns.length - 1]
  const retry = retryOf(name, def)
  // six places and no rest parameter, which would make its array for each call
  const ended: End = (key, at, value, a, b, c, d, e, f) =>
    settle(slotOf(key, name, def), chain, at, value, [a, b, c, d, e, f].slice(0, nparams))
  // apart, so that a walk that is to come again costs no more than this
  const end: End = retry === def.default ? ended : (key, at, value, a, b, c, d, e, f) =>
    value === retry && at >= 0 ? retry : ended(key, at, value, a, b, c, d, e, f)
  return ask ? ask(end, def.default, m0, m1, m2, m3, m4, m5) : ASK_MANY[nparams]!(end, def.default, fns)
}

/** Walks whatever members the hook has when it is called. */
export const listChain = (slot: Slot): HookFn => (slot.kind === 'int' ? ASK_LIST : TELL_LIST)[slot.def.nparams]!(slot)
