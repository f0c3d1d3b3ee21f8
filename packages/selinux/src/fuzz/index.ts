/** The targets of the standing fuzzers of this repository; not published. */
export { selinuxfsAttempt } from './fuzz-selinuxfs.ts'
export { targets } from './inputs.ts'
