/** The interface of a way of deciding, and the plainest: rules in a Map with one key for each pair. */
import { parseModes } from '@lsmkit/smack/engine'
import type { Question, Rule } from './world.ts'

/** Whether the i-th question is allowed. */
export type Answer = (i: number) => boolean
export type Decide = (rules: readonly Rule[], questions: readonly Question[]) => Answer | Promise<Answer>

/** The same steps on texts, rules in a Map with one key for each pair. */
export const map: Decide = (rules, questions) => {
  const table = new Map(rules.map(({ subject, object, modes }) => [`${subject} ${object}`, parseModes(modes)]))
  const decide = (subject: string, object: string, request: number): boolean => {
    if (subject === '*') return false
    if (object === '@' || subject === '@' || object === '*' || subject === object) return true
    if ((request & 5) === request && (object === '_' || subject === '^')) return true
    const may = table.get(`${subject} ${object}`)
    return may !== undefined && (request & ~may) === 0
  }
  const asked = questions.map(({ subject, object, mode }) => ({ subject, object, request: parseModes(mode) }))
  return (i) => {
    const { subject, object, request } = asked[i]!
    return decide(subject, object, request)
  }
}
