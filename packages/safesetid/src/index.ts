/** `@lsmkit/safesetid`: which ids a privileged task may change to, as Linux 6.12 has it. */
export { safesetid } from './lsm.ts'
export type { SafeSetIdOptions } from './lsm.ts'
