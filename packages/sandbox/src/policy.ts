/** A policy as data: to be stored by tenant, compared, and tested. */
import {
  aBoolean, aString, checkOptions, either, listOf, oneOf, optionsOf, recordOf, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { Profile } from '@lsmkit/core'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import { limitRules } from '@lsmkit/wasi/limits'
import type { Limits } from '@lsmkit/wasi/limits'
import { allowRules, checkAllow } from './allow.ts'
import type { Allow } from './allow.ts'
import { aPlace } from './places.ts'
import type { Place } from './places.ts'

/** The version of the shape below; a later one that means something else has another. */
export const POLICY_VERSION = 1

/** A module of the stack, as it is found by whoever builds it: `{ module: '@lsmkit/smack', options: { load } }`. */
export interface ModuleSource {
  /** Name of a package, or the URL of a module. */
  readonly module: string
  /** The function of it that makes the LSM. Default: the only one that does, the default export, or the last name. */
  readonly export?: string
  /** Options of that function: data. */
  readonly options?: object
}

/** A number, or a name: `root`, `guest` (1000), `nobody` (65534), one of an /etc/passwd that guests may not write. */
export type User = number | string

/** A narrower policy for some runs of a box: `box.run(program, { role: 'reader' })`. */
export interface Role {
  /** Within the policy's `allow`. Default: all of it. */
  readonly allow?: Allow
  readonly user?: User
  readonly label?: string
}

export const subsystemChoices = ['programs', 'all'] as const

/** The kernel releases by name, oldest first; core, whose type keeps them right, is not loaded to check a policy. */
export const kernelChoices = Object.keys(
  { '6.12': true, '6.18': true, '7.3': true } satisfies Readonly<Record<Profile, true>>,
) as readonly Profile[]

/** The release of a policy; the first unless it names one. */
export const kernelOf = ({ kernel = kernelChoices[0]! }: Pick<Policy, 'kernel'>): Profile => kernel

export interface Policy {
  readonly version?: typeof POLICY_VERSION
  /** The permissions. `{}` is nothing; without it the modules alone decide, and with neither nothing may be done. */
  readonly allow?: Allow
  /**
   * Names of `allow` and `attributes` may lead over links, which are followed once, when the box is made. Default: no,
   * a link there is an error.
   */
  readonly resolve?: boolean
  /** Modules of the stack behind capability and Landlock. */
  readonly modules?: readonly ModuleSource[]
  /** By path in the box. */
  readonly mounts?: Readonly<Record<string, Place>>
  /** Those of `@lsmkit/wasi`, for each run; `guestLimits` where you say nothing. */
  readonly limits?: Limits
  /** The user of programs. Default `guest`. */
  readonly user?: User
  /** The label that programs run under, where a module has labels. */
  readonly label?: string
  /** Attributes of files, set when the tree is made: `{ '/inbox': { 'security.SMACK64': 'Tainted' } }`. */
  readonly attributes?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Variables of every program. */
  readonly env?: Readonly<Record<string, string>>
  /**
   * Parts of the kernel. Default `programs`: those that WASI and POSIX calls reach. `all`: also keys, IPC, perf events
   * and the like, for programs that make system calls by number (`syscalls`).
   */
  readonly subsystems?: (typeof subsystemChoices)[number]
  /** The kernel release whose hooks and rules the box follows; 6.12 unless you name another. */
  readonly kernel?: Profile
  /** Narrower policies by name, for runs that ask for one. */
  readonly roles?: Readonly<Record<string, Role>>
}

const anOptions: OptionRule = {
  is: (value) => typeof value === 'object' && value !== null && !Array.isArray(value), what: 'an object',
}
const sourceRules: OptionRules<ModuleSource> = { module: required(aString), export: aString, options: anOptions }
export const aModuleSource: OptionRule = optionsOf(sourceRules)
export const aUser: OptionRule = either(wholeNumber(0, 0xfffffffe), aString)

export const policyRules: OptionRules<Policy> = {
  version: oneOf(POLICY_VERSION),
  allow: optionsOf(allowRules),
  resolve: aBoolean,
  modules: listOf(aModuleSource),
  mounts: recordOf(aPlace),
  limits: optionsOf(limitRules),
  user: aUser,
  label: aString,
  attributes: recordOf(recordOf(aString)),
  env: recordOf(aString),
  subsystems: oneOf(...subsystemChoices),
  kernel: oneOf(...kernelChoices),
  roles: recordOf(optionsOf<Role>({ allow: optionsOf(allowRules), user: aUser, label: aString })),
}

/** Throws SandboxError for lists of the policy, or of a role, that mean nothing. */
export const checkAllows = ({ allow, roles = {} }: Pick<Policy, 'allow' | 'roles'>, place: string): void => {
  if (allow !== undefined) checkAllow(allow, `${place}: allow`)
  for (const [name, role] of Object.entries(roles)) {
    if (role.allow !== undefined) checkAllow(role.allow, `${place}: roles: ${name}: allow`)
  }
}

/** The policy itself, if it is one. Throws OptionError and SandboxError with the place of the mistake. */
export const checkPolicy = (policy: unknown, place = 'policy'): Policy => {
  checkOptions(policy, policyRules, place)
  const checked = policy as Policy
  checkAllows(checked, place)
  return checked
}
