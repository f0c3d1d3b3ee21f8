/** `@lsmkit/lockdown`: what nobody may do to the kernel, as Linux 6.12 has it. */
export { lockdown } from './lsm.ts'
export type { LockdownOptions } from './lsm.ts'
export type { LockdownLevel } from './level.ts'
export { lockdownReasons } from './reasons.ts'
