/** Two policies compared by their answers: what one permits and the other does not, as lines for people. */
import { addressFamilyName } from '@lsmkit/abi/socket-name'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { boxAnswers } from './decision.ts'
import { plainOf } from './plain.ts'
import { isBeneath, questionText } from './question.ts'
import type { PathQuestion, PathRight, Question } from './question.ts'
import { questionsOf } from './questions.ts'
import type { QuestionOptions } from './questions.ts'

export interface PolicyDifference {
  /** `read, list below /data`. */
  readonly text: string
  /** `more`: the second one permits it. */
  readonly effect: 'more' | 'less'
}

const isPath = (question: Question): question is PathQuestion => question.kind === 'path'

/** Of each right the topmost places, with the rights that are the same there. */
const pathLines = (questions: readonly PathQuestion[]): string[] => {
  const tops = new Map<PathRight, string[]>()
  for (const { right, path } of questions.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const known = tops.get(right) ?? []
    if (!known.some((top) => isBeneath(path, top))) tops.set(right, [...known, path])
  }
  const byPath = new Map<string, PathRight[]>()
  for (const [right, paths] of tops) for (const path of paths) byPath.set(path, [...byPath.get(path) ?? [], right])
  return [...byPath].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, rights]) => `${rights.join(', ')} below ${path}`)
}

/** One line for all sockets: `make sockets of AF_INET, AF_INET6`. */
const socketLines = (questions: readonly Question[]): string[] => {
  const families = new Set(questions.flatMap((question) => (question.kind === 'socket' ? [question.family] : [])))
  return families.size === 0 ? [] : [`make sockets of ${[...families].map(addressFamilyName).join(', ')}`]
}

/** The questions that two policies answer differently, of all that are about places and ports that either names. */
export const compare = (before: Policy, after: Policy, options: QuestionOptions = {}): PolicyDifference[] => {
  const [a, b] = [plainOf(before), plainOf(after)]
  const [was, is] = [boxAnswers(a), boxAnswers(b)]
  const asked = new Map([...questionsOf(a, options), ...questionsOf(b, options)]
    .map((question) => [questionText(question), question]))
  const differing = [...asked.values()].filter((question) => was(question) !== is(question))
  return (['more', 'less'] as const).flatMap((effect) => {
    const own = differing.filter((question) => is(question) === (effect === 'more'))
    const others = own.filter((question) => !isPath(question) && question.kind !== 'socket').map(questionText)
    return [...pathLines(own.filter(isPath)), ...others, ...socketLines(own)].map((text) => ({ text, effect }))
  })
}
