/** `@lsmkit/capability/learn`: the least set of capabilities that a log shows a program to need. */
export { learnCapabilities } from './learn.ts'
export type { CapabilityProposal, LearnedCapabilities } from './learn.ts'
export { replayChecks } from './replay.ts'
export { readCapabilityChecks } from './checks.ts'
export type { CapabilityCheck } from './checks.ts'
