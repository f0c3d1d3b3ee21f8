/** Internal functions that the fuzzers need. Not published. */
export * from '../testing/call-shapes.ts'
export { heldBy } from '../testing/held.ts'
export { openAll } from '../testing/open-all.ts'
export { guestOf, takers } from '../testing/takers.ts'
