/** The options of `createStack`. */
import { auditRules } from '../audit/options.ts'
import type { AuditOptions, AuditSink } from '../audit/options.ts'
import type { Lsm } from '../define-lsm.ts'
import { strategyNames } from '../dispatch/strategy.ts'
import type { CgroupMap, StrategyName } from '../dispatch/strategy.ts'
import { hookProfile } from '../dispatch/release-profiles.ts'
import { checkOwnHooks } from '../hooks/own-hooks.ts'
import type { OwnHookDefs } from '../hooks/own-hooks.ts'
import { DEFAULT_PROFILE, profiles } from '../kernel-rules.ts'
import type { Profile } from '../kernel-rules.ts'
import {
  aBoolean, aFunction, anObject, anything, aString, checkOptions, listOf, oneOf, optionsOf, required,
} from '../option-rules.ts'
import type { OptionRules } from '../option-rules.ts'

export interface StackOptions<P extends Profile = Profile> {
  /** In link order: `lsm=` and CONFIG_LSM order what they name, this decides among the rest. */
  readonly lsms: readonly Lsm[]
  /** Boot arguments: `lsm=…`, `security=…`, and `NAME=0` for LSMs with an enabled variable. */
  readonly cmdline?: string
  /** CONFIG_LSM. Unless given: the kernel's list, then the names of `lsms` that it does not know. */
  readonly config?: string
  /** The kernel release whose hooks and rules hold; 6.12 unless given. */
  readonly profile?: P
  readonly dispatch?: StrategyName
  /** Says that nobody shall check capabilities: without an LSM on the hook `capable` all are granted. */
  readonly capability?: 'none'
  /** Leaves every exclusive LSM on: not the kernel's rule. */
  readonly exclusive?: 'allow'
  /**
   * LSMs whose refusals are recorded (`would-deny`) and otherwise ignored, by name; `bpf` for attached programs. For
   * trying a policy out: nothing is protected by an LSM that is named here.
   */
  readonly permissive?: readonly string[]
  readonly onFault?: 'deny' | 'throw'
  readonly kernelExact?: boolean
  readonly audit?: AuditOptions
  /** Which control group a task or socket is in, for programs attached to one; without it they are in none. */
  readonly cgroups?: CgroupMap
  /** Runs `callback` when no reader under RCU can hold the object any more; at once unless given. */
  readonly callRcu?: (callback: () => void) => void
  /** Hooks beside the kernel's: `stack.lsm` has a key for each, and LSMs may be on them. */
  readonly ownHooks?: OwnHookDefs
  /** A first sink: given every record. */
  readonly onAudit?: AuditSink
}

const rulesWith = (hooks: readonly string[]): OptionRules<StackOptions> => ({
  // what is no LSM is told with more than its type
  lsms: required(listOf(anything), 'createStack({ lsms: [capability()] })'),
  cmdline: aString,
  config: aString,
  profile: oneOf(...profiles),
  dispatch: oneOf(...strategyNames),
  capability: oneOf('none'),
  exclusive: oneOf('allow'),
  permissive: listOf(aString),
  onFault: oneOf('deny', 'throw'),
  kernelExact: aBoolean,
  audit: optionsOf(auditRules(hooks)),
  cgroups: anObject,
  callRcu: aFunction,
  ownHooks: anObject,
  onAudit: aFunction,
})

export const checkStackOptions = (given: StackOptions): void => {
  const { ownHooks: own = {}, profile = DEFAULT_PROFILE } = (given as StackOptions | undefined) ?? {}
  const { hooks } = hookProfile(profiles.includes(profile) ? profile : DEFAULT_PROFILE)
  checkOptions(given, rulesWith([...Object.keys(hooks), ...Object.keys(own)]), 'createStack')
  checkOwnHooks(own)
}
