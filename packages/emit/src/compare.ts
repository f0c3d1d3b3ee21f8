/** Two policies compared by their answers: what one permits and the other does not, as lines for people. */
import { addressFamilyName } from '@lsmkit/abi/socket-name'
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { boxAnswers } from './decision.ts'
import { plainOf } from './plain.ts'
import { isBeneath, pathRights, questionText } from './question.ts'
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

/** Paths that were asked about: those that differ, and all. */
interface Asked {
  readonly differing: readonly string[]
  readonly all: readonly string[]
}

/**
 * The topmost places of those that differ. Paths of questions are samples of what lies below the places that a policy
 * names: such a place stands for all of them where each one that was asked below it differs.
 */
const topsOf = ({ differing, all }: Asked, named: readonly string[]): string[] => {
  const own = new Set(differing)
  const isWhole = (top: string): boolean => all.every((one) => one === top || !isBeneath(one, top) || own.has(one))
  const whole = named.filter(isWhole)
  const tops: string[] = []
  for (const path of [...own].sort()) {
    if (tops.some((top) => isBeneath(path, top))) continue
    tops.push(whole.find((top) => isBeneath(path, top)) ?? path)
  }
  return tops
}

const pathsOf = (questions: readonly PathQuestion[], right: PathRight): string[] =>
  questions.filter((one) => one.right === right).map(({ path }) => path)

/** Of each right the topmost places, with the rights that are the same there. */
const pathLines = (
  differing: readonly PathQuestion[], all: readonly PathQuestion[], named: readonly string[],
): string[] => {
  const tops = pathRights.map((right) =>
    [right, topsOf({ differing: pathsOf(differing, right), all: pathsOf(all, right) }, named)] as const)
  const byPath = new Map<string, PathRight[]>()
  for (const [right, paths] of tops) for (const path of paths) byPath.set(path, [...byPath.get(path) ?? [], right])
  return [...byPath].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, rights]) => `${rights.join(', ')} below ${path}`)
}

const unixPaths = (questions: readonly Question[]): string[] =>
  questions.flatMap((question) => (question.kind === 'unix' ? [question.path] : []))

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
  const all = [...asked.values()]
  // shorter ones first, so that they stand for those below them
  const named = [...new Set([...a.nodes, ...b.nodes].map(({ path }) => path))].sort((x, y) => x.length - y.length)
  const differing = all.filter((question) => was(question) !== is(question))
  return (['more', 'less'] as const).flatMap((effect) => {
    const own = differing.filter((question) => is(question) === (effect === 'more'))
    const sockets = topsOf({ differing: unixPaths(own), all: unixPaths(all) }, named)
    const others = own.filter((question) => !isPath(question) && !['socket', 'unix'].includes(question.kind))
    return [
      ...pathLines(own.filter(isPath), all.filter(isPath), named), ...others.map(questionText),
      ...sockets.map((path) => `connect to UNIX sockets below ${path}`), ...socketLines(own),
    ].map((text) => ({ text, effect }))
  })
}
