/**
 * `int` and `nil` for a hook of a host's own. Its traits are checked, as a JavaScript caller gets no help from the
 * types. Those of the kernel's table, which every process makes, are left to them.
 */
import { aBoolean, aString, checkOptions, required, wholeNumber } from '../option-rules.ts'
import type { OptionRules } from '../option-rules.ts'
import * as line from './definition.ts'
import type { HookTraits } from './hook-types.ts'

const traitRules: OptionRules<HookTraits> = {
  default: wholeNumber(Number.MIN_SAFE_INTEGER),
  positive: aBoolean,
  category: required(aString),
  privateGuard: aBoolean,
  allocates: aString,
  presets: aBoolean,
  bugOn: aBoolean,
  special: aBoolean,
  bpf: aString,
}

const checked = <D extends typeof line.int | typeof line.nil>(define: D, place: string): D =>
  ((params: string, traits: HookTraits) => {
    checkOptions(traits, traitRules, place)
    return define(params, traits)
  }) as D

/** A hook that answers with a number: 0, a positive result where the kernel knows one, or -errno. */
export const int = checked(line.int, 'int')
/** A hook without an answer (`nil`: `void` is taken). */
export const nil = checked(line.nil, 'nil')
