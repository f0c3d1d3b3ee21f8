/** What `createStack` takes. */
import type { AuditOptions, AuditSink } from '../audit/options.ts'
import type { Lsm } from '../define-lsm.ts'
import { ComposeError, didYouMean } from '../errors.ts'
import type { CgroupMap, StrategyName } from '../dispatch/strategy.ts'
import { hookDefs, hookNames } from '../hooks/hook-defs.ts'
import type { Profile } from '../lsm-context.ts'
import {
  aBoolean, aFunction, aList, anObject, aString, checkOptions, oneOf, required, wholeNumber,
} from '../option-rules.ts'
import type { OptionRules, Refuse } from '../option-rules.ts'

export interface StackOptions {
  /** In link order: `lsm=` and CONFIG_LSM order what they name, this decides among the rest. */
  readonly lsms: readonly Lsm[]
  /** Boot arguments: `lsm=…`, `security=…`, and `NAME=0` for LSMs with an enabled variable. */
  readonly cmdline?: string
  /** CONFIG_LSM. Unless given: the kernel's list, then the names of `lsms` that it does not know. */
  readonly config?: string
  readonly profile?: Profile
  readonly dispatch?: StrategyName
  /** Says that nobody shall check capabilities: without an LSM on the hook `capable` all are granted. */
  readonly capability?: 'none'
  /** Leaves every exclusive LSM on: not the kernel's rule. */
  readonly exclusive?: 'allow'
  readonly onFault?: 'deny' | 'throw'
  readonly kernelExact?: boolean
  readonly audit?: AuditOptions
  /** Which control group a task or socket is in, for programs attached to one; without it they are in none. */
  readonly cgroups?: CgroupMap
  /** Runs `callback` when no reader under RCU can hold the object any more; at once unless given. */
  readonly callRcu?: (callback: () => void) => void
  /** A first sink: given every record. */
  readonly onAudit?: AuditSink
}

const rules: OptionRules<StackOptions> = {
  lsms: required(aList, 'createStack({ lsms: [capability()] })'),
  cmdline: aString,
  config: aString,
  profile: oneOf('6.12', '6.18'),
  dispatch: oneOf('swap', 'list', 'static-key', 'krsi-v4'),
  capability: oneOf('none'),
  exclusive: oneOf('allow'),
  onFault: oneOf('deny', 'throw'),
  kernelExact: aBoolean,
  audit: anObject,
  cgroups: anObject,
  callRcu: aFunction,
  onAudit: aFunction,
}

const auditRules: OptionRules<AuditOptions> = {
  capacity: wholeNumber(1),
  rateLimit: wholeNumber(0),
  denials: aBoolean,
  allows: { is: (value) => typeof value === 'boolean' || Array.isArray(value), what: 'a boolean or a list of hooks' },
  sinks: { is: (value) => Array.isArray(value) && value.every(aFunction.is), what: 'a list of functions' },
  now: aFunction,
}

const refuseAt =
  (place: string): Refuse =>
  (code, message, hint = null) =>
    new ComposeError(code, message, { place, hint })

export const checkStackOptions = (options: StackOptions): void => {
  const refuse = refuseAt('createStack')
  checkOptions(options, rules, 'createStack', refuse)
  if (options.audit === undefined) return
  checkOptions(options.audit, auditRules, 'audit', refuseAt('createStack: audit'))
  const { allows } = options.audit
  for (const hook of Array.isArray(allows) ? (allows as readonly string[]) : []) {
    if (Object.hasOwn(hookDefs, hook)) continue
    throw refuseAt('createStack: audit')('bad-option', `there is no hook \`${hook}\``, didYouMean(hook, hookNames))
  }
}
