/** What a function of a chain may answer, and what the framework is called among them. */

/** Values a function may return; null: every int32 counts. */
export type Range = 'errno' | 'bool' | null

export const inRange = (range: Range, value: number): boolean =>
  range === null || (range === 'bool' ? value === 0 || value === 1 : value <= 0 && value >= -4095)

/** Name of the framework itself, where a report must say who. */
export const FRAMEWORK = 'framework'
