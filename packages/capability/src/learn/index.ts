/** `@lsmkit/capability/learn`: the least set of capabilities that a log shows a program to need. */
export { learnCapabilities } from './learn.ts'
export type { CapabilityProposal, LearnedCapabilities } from './learn.ts'
export { replayChecks, replayedChecks } from './replay.ts'
export { capabilityChecksIn, readCapabilityChecks } from './checks.ts'
export type { CapabilityCheck } from './checks.ts'
