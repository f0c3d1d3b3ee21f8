/** POSIX capabilities as the LSM the kernel always loads first. The rules alone are `@lsmkit/capability/engine`. */
export * from './errors.ts'
export { capability } from './lsm.ts'
export type { CapabilityOptions } from './lsm.ts'
export * from './deprecated.ts'
