/** Landlock's system calls where the module is not among the active ones (security/landlock/syscalls.c). */
import { EOPNOTSUPP } from '@lsmkit/abi'

export const landlockSyscalls = () => ({
  landlock_create_ruleset: (_attr: object | null, _size: number, _flags: number): number => -EOPNOTSUPP,
  landlock_add_rule: (_fd: number, _type: number, _attr: object | null, _flags: number): number => -EOPNOTSUPP,
  landlock_restrict_self: (_fd: number, _flags: number): number => -EOPNOTSUPP,
})
