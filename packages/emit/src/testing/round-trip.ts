/** A policy that is emitted and imported again: the answers that differ without a reason that was given. */
import type { Policy } from '@lsmkit/sandbox/policy-parts'
import { boxAnswers } from '../decision.ts'
import type { LeftOut } from '../format.ts'
import type { FormatName } from '../formats/index.ts'
import { formats } from '../formats/index.ts'
import { plainOf } from '../plain.ts'
import { isBeneath, questionText } from '../question.ts'
import type { Question } from '../question.ts'
import { questionsOf } from '../questions.ts'
import { takeFrom } from '../taken.ts'
import type { Unsaid } from '../unsaid.ts'

/** Formats that keep the names of the box; others have those of the host. */
const keepsNames: ReadonlySet<FormatName> = new Set(['oci', 'bubblewrap', 'systemd'])

export interface RoundTripFault {
  readonly text: string
  /** The answer of the policy that came back. */
  readonly back: boolean
}

export interface RoundTrip {
  readonly asked: number
  /** Questions that both policies answer differently. */
  readonly differing: number
  /** Those of them that neither `unsaid` nor `leftOut` explains. */
  readonly faults: readonly RoundTripFault[]
}

const isUnsaid = (items: readonly Unsaid[], question: Question, back: boolean): boolean =>
  items.some((item) => item.effect === (back ? 'wider' : 'narrower') && item.covers(question))

/** What is left out of a file has a path, or makes the policy narrower. */
const isLeftOut = (leftOut: readonly LeftOut[], question: Question, back: boolean): boolean =>
  leftOut.some(({ path }) =>
    (path === undefined ? !back : question.kind === 'path' && isBeneath(question.path, path)))

export const roundTrip = (policy: Policy, name: FormatName, count: number, seed: number): RoundTrip => {
  const format = formats[name]
  const plain = plainOf(policy)
  const written = format.write(plain)
  const items = format.unsaid(plain)
  const taken = takeFrom(format, written)
  const [before, after] = [boxAnswers(plain), boxAnswers(plainOf(taken.policy))]
  const renamed = (question: Question): Question =>
    (question.kind === 'path' && !keepsNames.has(name) ? { ...question, path: question.host } : question)
  const questions = questionsOf(plain, { count, seed })
  const differing = questions.filter((question) => before(question) !== after(renamed(question)))
  const faults = differing.flatMap((question): RoundTripFault[] => {
    const back = after(renamed(question))
    if (isUnsaid(items, question, back) || isLeftOut(taken.leftOut, renamed(question), back)) return []
    return [{ text: questionText(question), back }]
  })
  return { asked: questions.length, differing: differing.length, faults }
}
