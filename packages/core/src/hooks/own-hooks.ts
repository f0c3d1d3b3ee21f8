/**
 * Hooks that a host defines beside the kernel's: a table written like hook-defs.ts, given to `createStack` and to the
 * modules that are on them, and declared to TypeScript by declaration merging.
 */
import { ComposeError } from '../errors.ts'
import { isKernelHook } from './release-hook-defs.ts'
import type { AnyHookDef, EntryOf, HookOf, KeyOf } from './hook-types.ts'

/** `declare module '@lsmkit/core' { interface OwnHooks { tool_call: typeof agentHooks.tool_call } }` */
export interface OwnHooks {}

export type OwnHookName = keyof OwnHooks
export type OwnHookMap = { readonly [N in keyof OwnHooks]: HookOf<OwnHooks[N]> }
export type OwnEntryMap = { readonly [N in keyof OwnHooks]: EntryOf<OwnHooks[N]> }
export type OwnKeyMap = { readonly [N in keyof OwnHooks]: KeyOf<OwnHooks[N]> }

/** Definitions by name, made with `int` and `nil`. */
export type OwnHookDefs = Readonly<Record<string, AnyHookDef>>

/** The traits that the framework has code for, hook by hook: a hook of your own cannot have them. */
const kernelTraits = ['privateGuard', 'allocates', 'presets', 'bugOn', 'special'] as const

/** Throws a ComposeError for a table that no stack can have. */
export const checkOwnHooks = (own: OwnHookDefs): void => {
  for (const [name, def] of Object.entries(own)) {
    const fault = (message: string, hint: string): ComposeError =>
      new ComposeError('bad-own-hook', message, { place: 'ownHooks', hint })
    if (isKernelHook(name)) throw fault(`\`${name}\` is a hook of the kernel`, 'give yours another name')
    if (!/^[a-z][a-z0-9_]*$/.test(name)) throw fault(`\`${name}\` cannot be a hook`, 'write it as `tool_call`')
    if (def?.ret !== 'int' && def?.ret !== 'void') {
      throw fault(`\`${name}\` is not a definition of a hook`, 'make it with `int` or `nil` of @lsmkit/core')
    }
    const trait = kernelTraits.find((one) => Boolean(def[one]))
    if (trait !== undefined) throw fault(`\`${name}\` has the trait \`${trait}\``, 'only hooks of the kernel have it')
  }
}
