/** `@lsmkit/kernel`: a user-space kernel that calls every LSM hook. What is exported here is what we promise. */
export { BootError } from './boot-error.ts'
export { bootKernel } from './kernel.ts'
export type { BootMount, BootOptions, Kernel } from './kernel.ts'
export { Kstat, Kstatfs } from './vfs/kstat.ts'
export type { SysCalls } from './syscalls/entry.ts'
export { syscallTable } from './syscalls/table.ts'
export type { SyscallName, SyscallRow } from './syscalls/table.ts'
