/** `@lsmkit/loadpin`: all that the kernel loads comes from one file system, as Linux 6.12 has it. */
export { loadpin } from './lsm.ts'
export type { LoadPinOptions } from './lsm.ts'
