/** From denials to rules, and what those rules would mean. */
export { readDenials } from './avc-line.ts'
export type { Denial } from './avc-line.ts'
export { DomainError, learnDomain } from './domain.ts'
export type { DomainCode, DomainOptions, LearnedDomain } from './domain.ts'
export { learn } from './learn.ts'
export type { Learned, LearnedRule, LearnOptions } from './learn.ts'
