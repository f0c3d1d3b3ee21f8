/** `@lsmkit/core/policy/flow`: flows between the labels of a policy. A module gives the graph; paths are found here. */
export { addBit, bitsOf, dropBit, hasBit, listBits, noBits } from './bits.ts'
export type { Bits } from './bits.ts'
export type { FlowEnds, FlowGraph, FlowLimits } from './graph.ts'
export { flowLimitRules } from './graph.ts'
export { allPaths, shortestPath, shortestPaths } from './paths.ts'
export { AssertionError, parseAssertions } from './assertions.ts'
export type { FlowAssertion } from './assertions.ts'
