/** The LSM record: one hook, no state on objects, started before all others. */
import { LOCKDOWN_NONE, LSM_ID_LOCKDOWN } from '@lsmkit/abi'
import { defineLsm, printkRatelimited } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
import { aFunction, checkOptions, oneOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { bootLevel } from './boot.ts'
import { lockdownHooks } from './check.ts'
import { levels } from './level.ts'
import type { Lockdown, LockdownLevel } from './level.ts'
import { lockdownFs } from './securityfs.ts'

export interface LockdownOptions {
  /** The built-in level of the kernel (LOCK_DOWN_KERNEL_FORCE_*): `none` unless given. `lockdown=` may be higher. */
  readonly level?: LockdownLevel
  /** Takes the lines that the kernel logs; the audit record of a refusal has the same data. */
  readonly printk?: (line: string) => void
  /** Milliseconds, for the rate limit of the log; the machine's clock unless given. */
  readonly now?: () => number
}

const rules: OptionRules<LockdownOptions> = { level: oneOf(...levels.keys()), printk: aFunction, now: aFunction }

/** A fresh Lockdown for one stack. Throws OptionError for a level that there is not. */
export const lockdown = (options: LockdownOptions = {}): Lsm<'lockdown'> => {
  checkOptions(options, rules, 'lockdown')
  const { level = 'none', printk = () => {}, now = Date.now } = options
  let state: Lockdown
  return defineLsm({
    name: 'lockdown',
    abi: '1.0',
    package: '@lsmkit/lockdown',
    id: LSM_ID_LOCKDOWN,
    early: true,
    hooks: (ctx) => {
      state = { ctx, printk, log: printkRatelimited(printk, now), level: LOCKDOWN_NONE }
      return lockdownHooks(state)
    },
    init: () => bootLevel(state, level),
    pseudoFs: () => [lockdownFs(state)],
  })
}
