/** `@lsmkit/landlock/learn`: the ruleset that a log of refusals asks for. */
export { blockedIn, readBlocked } from './blocked.ts'
export type { BlockedRecord } from './blocked.ts'
export { replayBlocked, replayedBlocked } from './replay.ts'
export { learnRuleset } from './learn.ts'
export type { LandlockProposal, LearnedRuleset } from './learn.ts'
