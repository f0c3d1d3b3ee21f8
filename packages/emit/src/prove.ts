/** The proof of a format: the box and what was written are asked the same, and each difference has its reason. */
import { boxAnswers } from './decision.ts'
import type { Format, Written } from './format.ts'
import { hostPathOf, plainOf } from './plain.ts'
import type { Plain } from './plain.ts'
import { questionText } from './question.ts'
import type { Question } from './question.ts'
import { questionsOf } from './questions.ts'
import type { QuestionOptions } from './questions.ts'
import { takeFrom } from './taken.ts'
import type { Unsaid } from './unsaid.ts'

/** A question that both answer differently. */
export interface Difference {
  readonly question: Question
  readonly text: string
  /** The answer of the policy. */
  readonly policy: boolean
  readonly wall: boolean
  /** The items that explain it: none is a mistake of this package. */
  readonly because: readonly string[]
}

export interface Proof {
  readonly asked: number
  readonly differences: readonly Difference[]
}

const isExplained = (item: Unsaid, question: Question, wall: boolean): boolean =>
  item.effect === (wall ? 'wider' : 'narrower') && item.covers(question)

/** Asks the box of a policy and what was written of it. Throws EmitError if the written text cannot be read. */
export const prove = (
  plain: Plain, format: Format, written: Written, options: QuestionOptions = {},
): Proof => {
  const [box, wall] = [boxAnswers(plain), format.answers(written)]
  const items = format.unsaid(plain)
  // places that the other side names are asked about too
  const other = namesOf(plain, format, written)
  const questions = [...questionsOf(plain, options), ...other]
  const differences = questions.flatMap((question): Difference[] => {
    const [policy, walls] = [box(question), wall(question)]
    if (policy === walls) return []
    const because = new Set(items.filter((item) => isExplained(item, question, walls)).map(({ id }) => id))
    return [{ question, text: questionText(question), policy, wall: walls, because: [...because] }]
  })
  return { asked: questions.length, differences }
}

const namesOf = (plain: Plain, format: Format, written: Written): Question[] => {
  const { policy } = takeFrom(format, written)
  const known = new Set(plain.rules.map(({ path }) => path))
  const paths = [...policy.allow?.read ?? [], ...policy.allow?.write ?? [], ...policy.allow?.exec ?? []]
    .filter((path) => !known.has(path))
  return [...new Set(paths)].flatMap((path) => questionsOf(plainOf({ allow: { read: [path] } }), { count: 0 }))
    .filter((question) => question.kind === 'path')
    .map((question) => ({ ...question, host: hostPathOf(plain.mounts, question.path) }))
}
