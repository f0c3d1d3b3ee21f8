/** `@lsmkit/apparmor/profile`: profile text and its compiler. */
export type { Profile } from '../policydb/policy.ts'
