/** The permissions that a kernel release asks a policy about: those of its class map that no capability holds back. */
import type { Profile } from '@lsmkit/core'
import { capabilityFor } from '../../later-classes.ts'
import { policycapNames } from '../../policydb/constants.ts'
import { releaseOf } from '../../release.ts'
import type { PolicyView } from '../view.ts'

/** A permission of the kernel's class map. */
export interface Asked {
  readonly tclass: string
  readonly perm: string
}

/** A policy, and the policy capabilities that it declares. */
export interface Declared {
  readonly view: PolicyView
  readonly capabilities: ReadonlySet<string>
}

export const declaredBy = (view: PolicyView): Declared =>
  ({ view, capabilities: new Set(Array.from(view.policy.policycaps, (bit) => policycapNames[bit] ?? `#${bit}`)) })

const everyPermission = (profile: Profile): Asked[] =>
  releaseOf(profile).classes.flatMap(({ name, perms }) =>
    name === '' ? [] : perms.map((perm) => ({ tclass: name, perm })))

const keyOf = ({ tclass, perm }: Asked): string => `${tclass} ${perm}`

/** Those of `one` that are not in `other`. */
const without = (one: readonly Asked[], other: readonly Asked[]): Asked[] => {
  const known = new Set(other.map(keyOf))
  return one.filter((each) => !known.has(keyOf(each)))
}

/** Permissions that the second release has in its class map and the first does not. */
export const newPermissions = (from: Profile, to: Profile): Asked[] =>
  without(everyPermission(to), everyPermission(from))

/** Whether hooks ask about it under this policy. */
export const isAsked = ({ capabilities }: Declared, { tclass, perm }: Asked): boolean => {
  const needed = capabilityFor(tclass, perm)
  return needed === undefined || capabilities.has(needed)
}

/** Whether the policy has the class and the permission. */
export const isKnown = ({ view }: Declared, { tclass, perm }: Asked): boolean => {
  if (!view.hasClass(tclass)) return false
  return view.names.permissions[view.tclass(tclass)]!.includes(perm)
}

/** Everything in the release's class map that the policy lacks, held back or not: what a kernel warns of at loading. */
export const lacking = (policy: Declared, profile: Profile): Asked[] =>
  everyPermission(profile).filter((each) => !isKnown(policy, each))
