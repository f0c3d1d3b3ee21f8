/** From denials to rules, and what those rules would mean. */
export { avcRecordsIn, readAvcRecords, readDenials } from './avc-line.ts'
export type { AvcRecord, Denial } from './avc-line.ts'
export { replayedRecords, replayRecords } from './replay.ts'
export { DomainError, learnDomain } from './domain.ts'
export type { DomainCode, DomainOptions, LearnedDomain } from './domain.ts'
export { ModuleNameError, teModule } from './te-text.ts'
export { learn } from './learn.ts'
export type { Learned, LearnedRule, LearnOptions } from './learn.ts'
