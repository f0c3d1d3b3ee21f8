/** Matchers for `expect.extend` of vitest and Jest, as plain functions: nothing of either is imported. */
import { errnoName } from '@lsmkit/abi'
import type { Answer } from './ask.ts'

/** What a matcher gives back. */
export interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
  readonly actual?: unknown
  readonly expected?: unknown
}

/** What `expect.extend(lsmMatchers)` adds. vitest has the types with this package, others need a line (README). */
export interface LsmMatchers<R = unknown> {
  /** The LSM refused, with this errno (positive, as in EACCES) when one is given. */
  toBeDenied(lsm: string, errno?: number): R
  /** Nobody refused: 0 or a positive answer. */
  toBeAllowed(): R
}

declare global {
  namespace Chai {
    /** What vitest 3, 4 and 5 alike build their own assertions from; their generics have nothing in common. */
    interface Assertion extends LsmMatchers<void> {}
  }
}

const tell = ({ hook, rc, denial, reason }: Answer): string => {
  if (rc >= 0) return `${hook} answered ${rc}`
  const why = reason === null ? '' : `: ${reason}`
  return `${hook} answered ${errnoName(rc)}, refused by ${denial?.lsm ?? 'the framework or by default'}${why}`
}

const refuseOther = (answer: unknown): void => {
  if (typeof answer === 'object' && answer !== null && 'rc' in answer && 'hook' in answer) return
  throw new TypeError('expected what `ask(stack, hook, …)` gives')
}

export const lsmMatchers = {
  toBeDenied(answer: Answer, lsm: string, errno?: number): MatcherResult {
    refuseOther(answer)
    const { rc, denial } = answer
    const pass = denial !== null && denial.lsm === lsm && (errno === undefined || rc === -errno)
    const wanted = `${lsm}${errno === undefined ? '' : ` with ${errnoName(-errno)}`}`
    return {
      pass,
      message: () => `expected ${pass ? 'no refusal' : 'a refusal'} by ${wanted}, but ${tell(answer)}`,
      actual: { lsm: denial?.lsm ?? null, rc },
      expected: { lsm, rc: errno === undefined ? rc : -errno },
    }
  },

  toBeAllowed(answer: Answer): MatcherResult {
    refuseOther(answer)
    const pass = answer.rc >= 0
    return { pass, message: () => `expected ${pass ? 'a refusal' : 'no refusal'}, but ${tell(answer)}` }
  },
}
