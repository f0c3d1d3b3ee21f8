/** The range of answers of a function of a chain, and the framework's name among them. */
import type { AnyHookDef, HookFn } from '../hooks/hook-types.ts'

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

interface Marked {
  readonly answersPositive?: boolean
}

/**
 * Says of a module's function that its positive answers are meant, on a hook that gives them no meaning: Smack's codes
 * for rules on trial, which callers of ptrace hooks take for no. Returns `fn`, which carries the mark.
 */
export const answersPositive = <F extends HookFn>(fn: F): F => Object.assign(fn, { answersPositive: true })

/**
 * The range of answers of a module's function: a kernel returns a positive answer to its caller, and so does a
 * `kernelExact` stack. Elsewhere most are an errno that lacks its sign, unless the hook or the function says otherwise.
 */
export const moduleRange = ({ ret, positive }: AnyHookDef, fn: HookFn, kernelExact: boolean): Range =>
  ret === 'void' || positive || kernelExact || (fn as Marked).answersPositive === true ? null : 'refusal'

/** Name of the framework itself, where a report must say who. */
export const FRAMEWORK = 'framework'
