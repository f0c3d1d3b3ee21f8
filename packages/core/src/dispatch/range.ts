/** What a function of a chain may answer, and what the framework is called among them. */
import type { AnyHookDef } from '../hooks/hook-types.ts'

/** Values a function may return; null: every int32 counts. `refusal`: 0 or less. */
export type Range = 'errno' | 'bool' | 'refusal' | null

export const inRange = (range: Range, value: number): boolean => {
  switch (range) {
    case null: return true
    case 'refusal': return value <= 0
    case 'bool': return value === 0 || value === 1
    case 'errno': return value <= 0 && value >= -4095
  }
}

/**
 * What a module may answer: a kernel hands a positive answer on to whoever asked, and so does a `kernelExact` stack.
 * Nobody means that where the hook gives it no meaning: most are an errno that lacks its sign.
 */
export const moduleRange = ({ ret, positive }: AnyHookDef, kernelExact: boolean): Range =>
  ret === 'void' || positive || kernelExact ? null : 'refusal'

/** Name of the framework itself, where a report must say who. */
export const FRAMEWORK = 'framework'
