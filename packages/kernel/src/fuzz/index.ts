/** What the fuzzers need of the inside. Not published. */
export { heldBy } from '../testing/held.ts'
export { guestOf, takers } from '../testing/takers.ts'
