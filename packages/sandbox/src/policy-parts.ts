/**
 * `@lsmkit/sandbox/policy`: a policy as data and what its lists mean, without a box. For packages that hold the same
 * policy by other means.
 */
export { familiesOf, landlockRules, wholeAllow } from './allow.ts'
export type { Allow, Families, Peer, WholeAllow } from './allow.ts'
export { Hosts } from './hosts/hosts.ts'
export { isBeneath } from './names/walk-name.ts'
export { normalPath } from './normal-path.ts'
export type { HostFolder, Place } from './places.ts'
export { checkPolicy } from './policy.ts'
export type { Policy, Role, User } from './policy.ts'
export { policyWithin } from './within.ts'
