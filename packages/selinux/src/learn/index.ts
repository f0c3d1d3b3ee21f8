/** From denials to rules, and what those rules would mean. */
export { readDenials } from './avc-line.ts'
export type { Denial } from './avc-line.ts'
export { learn } from './learn.ts'
export type { Learned, LearnedRule, LearnOptions } from './learn.ts'
