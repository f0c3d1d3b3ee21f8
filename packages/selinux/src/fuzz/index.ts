/** What the standing fuzzers of this repository try here; not published. */
export { selinuxfsAttempt } from './fuzz-selinuxfs.ts'
export { targets } from './inputs.ts'
