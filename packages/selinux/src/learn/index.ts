/** From denials to rules, and what those rules would mean. */
export { readAvcRecords, readDenials } from './avc-line.ts'
export type { AvcRecord, Denial } from './avc-line.ts'
export { replayRecords } from './replay.ts'
export { DomainError, learnDomain } from './domain.ts'
export type { DomainCode, DomainOptions, LearnedDomain } from './domain.ts'
export { learn } from './learn.ts'
export type { Learned, LearnedRule, LearnOptions } from './learn.ts'
