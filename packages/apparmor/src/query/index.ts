/** `@lsmkit/apparmor/query`: questions to a loaded policy. */
export type { PermEntry } from '../policydb/policy.ts'
