/** The proofs that a bundle brings: scenarios that have to pass, and questions with their answers. */
import { aString, checkOptions, listOf, oneOf, anything, required } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Bundle } from '../bundle/container.ts'
import { policyKinds } from '../bundle/part-kinds.ts'
import type { PolicyKindName } from '../bundle/part-kinds.ts'
import { FleetError } from '../fleet-error.ts'
import { filesOfKind } from './compiled-bundle.ts'
import type { Compiled } from './compiled-bundle.ts'
import { badPolicy, jsonOf, reading, textOf } from './kind.ts'

/** A line of a file of questions. */
export interface RecordedQuestion {
  readonly policy: PolicyKindName
  readonly ask: unknown
  readonly answer: 'allow' | 'deny'
  /** For people. */
  readonly why?: string
}

const questionRules: OptionRules<RecordedQuestion> = {
  policy: required(oneOf(...policyKinds)), ask: required(anything), answer: required(oneOf('allow', 'deny')),
  why: aString,
}

export interface Proved {
  readonly questions: number
  readonly scenarios: number
}

const failed = (code: 'question-failed' | 'scenario-failed', message: string | readonly string[], place: string) =>
  new FleetError(code, message, { place })

const questionsIn = (bytes: Uint8Array, path: string): readonly RecordedQuestion[] => {
  const given = jsonOf(bytes, path)
  return reading(path, () => {
    checkOptions({ questions: given }, { questions: required(listOf(anything)) }, path)
    for (const [index, one] of (given as unknown[]).entries()) checkOptions(one, questionRules, `${path}[${index}]`)
    return given as readonly RecordedQuestion[]
  })
}

const askAll = (compiled: Compiled, questions: readonly RecordedQuestion[], path: string): void => {
  for (const [index, { policy: kind, ask, answer, why }] of questions.entries()) {
    const place = `${path}[${index}]`
    const policy = compiled[kind]
    if (policy === undefined) throw failed('question-failed', `the bundle has no policy of kind ${kind}`, place)
    const got = policy.answer(ask, place)
    if (got.allowed === (answer === 'allow')) continue
    const reason = got.why === null ? '' : `: ${got.why}`
    const note = why === undefined ? '' : ` (${why})`
    const said = got.allowed ? 'allow' : 'deny'
    throw failed('question-failed',
      `${JSON.stringify(ask)} should be ${answer}, and the policy says ${said}${reason}${note}`, place)
  }
}

/** Throws FleetError `scenario-failed` or `bad-policy`. The answer is their number. */
export const runScenarios = async (bundle: Bundle, compiled: Compiled): Promise<number> => {
  const files = filesOfKind(bundle, 'scenario')
  if (files.size === 0) return 0
  const { parseScenario, reportLines, runScenario, splitScenarios } = await import('@lsmkit/testkit/scenario')
  const { factoriesOf } = await import('./factories.ts')
  const factories = await factoriesOf(compiled)
  let count = 0
  for (const [path, bytes] of files) {
    const text = textOf(bytes, path)
    for (const { text: one, line } of splitScenarios(text)) {
      const place = `${path}:${line}`
      try {
        const result = runScenario(parseScenario(one, path), factories)
        if (result.differences.length > 0) throw failed('scenario-failed', reportLines(result), place)
      } catch (error) {
        throw badPolicy(error, place)
      }
      count += 1
    }
  }
  return count
}

/** Throws FleetError `question-failed` or `bad-policy`. The answer is the number of questions. */
export const askQuestions = (bundle: Bundle, compiled: Compiled): number => {
  let questions = 0
  for (const [path, bytes] of filesOfKind(bundle, 'question')) {
    const list = questionsIn(bytes, path)
    askAll(compiled, list, path)
    questions += list.length
  }
  return questions
}

/**
 * Asks all questions and runs all scenarios, on stacks that nothing else uses. Throws FleetError `question-failed`,
 * `scenario-failed` or `bad-policy`.
 */
export const proveBundle = async (bundle: Bundle, compiled: Compiled): Promise<Proved> =>
  ({ questions: askQuestions(bundle, compiled), scenarios: await runScenarios(bundle, compiled) })
