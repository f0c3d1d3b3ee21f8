/** Internals that the fuzzers need. Not published. */
export * from '../testing/module.ts'
export { guestOn } from '../testing/guest.ts'
export type { Guest } from '../testing/guest.ts'
export { posixImports } from '../posix/table.ts'
export { wasmedgeImports } from '../preview1/wasmedge.ts'
