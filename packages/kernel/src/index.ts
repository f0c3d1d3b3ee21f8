/**
 * `@lsmkit/kernel`: a user-space kernel that calls every LSM hook. The exports of this file are the public interface.
 */
export * from './exports.ts'
export { bpfFields } from './bpf/attr.ts'
export type { BpfField } from './bpf/attr.ts'
export { bootKernel } from './boot/kernel.ts'
export { syscallTable } from './syscalls/table.ts'
export type { SyscallName, SyscallRow } from './syscalls/table.ts'
export * as strace from './strace/strace.ts'
export type { CallWatcher, SystemCall } from './strace/strace.ts'
