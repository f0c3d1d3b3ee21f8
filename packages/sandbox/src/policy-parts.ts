/**
 * `@lsmkit/sandbox/policy-parts`: the meaning of a policy without a box, for programs that put the same rules
 * elsewhere: the lists of `allow`, the hosts, and the filter of system calls.
 */
export { allowNames, familiesOf, landlockRules, wholeAllow } from './allow.ts'
export type { Allow, Families, Peer, WholeAllow } from './allow.ts'
export { parseAddress } from './hosts/address.ts'
export { isMistake, parseRule, ruleText } from './hosts/host-rule.ts'
export type { HostEntry, HostRule, Rule } from './hosts/host-rule.ts'
export { Hosts } from './hosts/hosts.ts'
export { isBeneath } from './names/walk-name.ts'
export { normalPath } from './normal-path.ts'
export type { HostFolder, Memory, Place } from './places.ts'
export { checkPolicy } from './policy.ts'
export type { Policy, Role, User } from './policy.ts'
export { socketFilter } from './socket-filter.ts'
export { policyWithin } from './within.ts'
export { limitNumbers } from '@lsmkit/wasi/limits'
export type { Limits } from '@lsmkit/wasi/limits'
export { denialOf } from './denials.ts'
export type { DenialContext } from './denials.ts'
export type { CallRefusal, DeniedAct, Denial, Permit } from './denial.ts'
export type { ModuleSource } from './policy.ts'
