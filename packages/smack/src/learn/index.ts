/** `@lsmkit/smack/learn`: from refused accesses to rules, and what those rules would mean. */
export { replayAccesses, replayedAccesses } from './replay.ts'
export { learnRules } from './learn.ts'
export type { LearnedRules, SmackLearnOptions, SmackProposal } from './learn.ts'
