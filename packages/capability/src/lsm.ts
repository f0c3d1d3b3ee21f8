/** The LSM record: `capability` is first in every order and keeps no state on any object. */
import { LSM_ID_CAPABILITY } from '@lsmkit/abi'
import { defineLsm, profiles } from '@lsmkit/core'
import type { HookGroup, Lsm, LsmContext, Profile } from '@lsmkit/core'
import { checkOptions, oneOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { capableHooks } from './capable.ts'
import { capsetHooks } from './capget-capset.ts'
import { execHooks } from './creds-from-file.ts'
import { memoryHooks } from './mmap.ts'
import { prctlHooks } from './prctl.ts'
import { rulesOf } from './profile.ts'
import { ptraceHooks, schedulingHooks } from './ptrace.ts'
import { setuidHooks } from './setuid.ts'
import { xattrHooks } from './xattr.ts'

export interface CapabilityOptions {
  /** The kernel release whose rules hold; the stack's profile unless given. */
  readonly profile?: Profile
}

/** The 18 hooks, by subject. */
const hookGroups = (ctx: LsmContext, profile: Profile): HookGroup[] => [
  capableHooks(ctx),
  ptraceHooks(ctx),
  capsetHooks(ctx),
  execHooks(ctx, rulesOf(profile)),
  xattrHooks(ctx),
  memoryHooks(ctx),
  setuidHooks(),
  prctlHooks(ctx, rulesOf(profile)),
  schedulingHooks(ctx),
]

const rules: OptionRules<CapabilityOptions> = { profile: oneOf(...profiles) }

/** A fresh instance for one stack. Throws OptionError for a profile it has no rules for. */
export const capability = (options: CapabilityOptions = {}): Lsm<'capability'> => {
  checkOptions(options, rules, 'capability')
  const { profile } = options
  return defineLsm({
    name: 'capability',
    abi: '1.0',
    package: '@lsmkit/capability',
    id: LSM_ID_CAPABILITY,
    order: 'first',
    hooks: (ctx) => hookGroups(ctx, profile ?? ctx.profile),
  })
}
