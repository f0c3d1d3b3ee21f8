/** Matchers for `expect.extend` of vitest and Jest, as plain functions: nothing of either is imported. */
import { errnoName } from '@lsmkit/abi'
import type { Answer } from './ask.ts'
import type { PolicyCheck, PolicyVerdict, QuestionOf } from './policy.ts'

/** The result of a matcher. */
export interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
  readonly actual?: unknown
  readonly expected?: unknown
}

/** The matchers of an assertion; `extendExpect` puts them there. `T` is what was given to `expect`. */
export interface LsmMatchers<R = unknown, T = unknown> {
  /** The LSM refused, with this errno (positive, as in EACCES) when one is given. */
  toBeDenied(lsm: string, errno?: number): R
  /** Nobody refused: 0 or a positive answer. */
  toBeAllowed(): R
  /** The policy allows all that is asked for. */
  toAllow(...question: QuestionOf<T>): R
  /** The policy denies all that is asked for: more than `not.toAllow`, which one denial satisfies. */
  toDeny(...question: QuestionOf<T>): R
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

const verdictsOf = (
  policy: PolicyCheck<readonly unknown[]>, question: readonly unknown[],
): readonly PolicyVerdict[] => {
  if (typeof policy?.check !== 'function') throw new TypeError('expected a policy: an object with a method `check`')
  const verdicts = policy.check(...question)
  if (verdicts.length === 0) throw new TypeError('the question asks for nothing')
  return verdicts
}

/** Every verdict must be `wanted`; those that are not are told with their reasons. */
const allVerdicts = (
  policy: PolicyCheck<readonly unknown[]>, question: readonly unknown[], wanted: boolean,
): MatcherResult => {
  const verdicts = verdictsOf(policy, question)
  const pass = verdicts.every(({ allowed }) => allowed === wanted)
  const odd = pass ? verdicts : verdicts.filter(({ allowed }) => allowed !== wanted)
  const lines = odd.map(({ asked, allowed, why }) =>
    `  ${asked} is ${allowed ? 'allowed' : 'denied'}${why === null ? '' : `: ${why}`}`)
  const verb = `${pass ? 'not ' : ''}to ${wanted ? 'allow' : 'deny'}`
  return { pass, message: () => [`expected the policy ${verb} ${JSON.stringify(question)}`, ...lines].join('\n') }
}

/** For `expect.extend`; `extendExpect` brings their types too. */
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

  toAllow: (policy: PolicyCheck<readonly unknown[]>, ...question: readonly unknown[]): MatcherResult =>
    allVerdicts(policy, question, true),

  toDeny: (policy: PolicyCheck<readonly unknown[]>, ...question: readonly unknown[]): MatcherResult =>
    allVerdicts(policy, question, false),
}
