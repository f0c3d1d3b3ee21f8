/** `@lsmkit/selinux`: the LSM. Its parts stand alone under `./policydb`, `./cil`, `./server`, `./query` and others. */
export { selinux } from './lsm.ts'
export type { RefusedBeside } from './avc/beside.ts'
export type { SelinuxLsm, SelinuxOptions } from './lsm.ts'
export * from './deprecated.ts'
