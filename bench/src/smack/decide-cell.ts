/** One way of deciding over so many rules: all questions once a pass, in their order. */
import { createMongoAbility, subject as typed } from '@casl/ability'
import { access, isDenied, loadRules, parseModes, Policy, RuleList } from '@lsmkit/smack/engine'
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { fileOf, questionsOf, rulesOf } from './world.ts'
import type { Question, Rule } from './world.ts'

export interface DecideArgs {
  readonly way: Way
  readonly rules: number
}

/** Answers the questions `rounds` times; gives how many were allowed. */
type Decide = (rules: readonly Rule[], questions: readonly Question[]) => (rounds: number) => number

/** The engine as hooks use it: labels are numbers by then. */
const engine = (policy: Policy): Decide => (rules, questions) => {
  loadRules(policy, fileOf(rules))
  const numbers = (texts: string[]): Int32Array => Int32Array.from(texts, (text) => policy.labels.find(text))
  const subjects = numbers(questions.map(({ subject }) => subject))
  const objects = numbers(questions.map(({ object }) => object))
  const modes = Int32Array.from(questions, ({ mode }) => parseModes(mode))
  return (rounds) => {
    let allowed = 0
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < modes.length; i++) {
        if (!isDenied(access(policy, subjects[i]!, objects[i]!, modes[i]!))) allowed++
      }
    }
    return allowed
  }
}

/** The same steps on texts, rules in a Map with one key for each pair. */
const map: Decide = (rules, questions) => {
  const table = new Map(rules.map(({ subject, object, modes }) => [`${subject} ${object}`, parseModes(modes)]))
  const decide = (subject: string, object: string, request: number): boolean => {
    if (subject === '*') return false
    if (object === '@' || subject === '@' || object === '*' || subject === object) return true
    if ((request & 5) === request && (object === '_' || subject === '^')) return true
    const may = table.get(`${subject} ${object}`)
    return may !== undefined && (request & ~may) === 0
  }
  const asked = questions.map(({ subject, object, mode }) => ({ subject, object, request: parseModes(mode) }))
  return (rounds) => {
    let allowed = 0
    for (let round = 0; round < rounds; round++) {
      for (const { subject, object, request } of asked) if (decide(subject, object, request)) allowed++
    }
    return allowed
  }
}

/** One ability for all: the object's label is what CASL calls a subject, who asks is a condition. */
const casl: Decide = (rules, questions) => {
  const ability = createMongoAbility(
    rules.map(({ subject, object, modes }) => ({ action: [...modes], subject: object, conditions: { from: subject } })),
  )
  return (rounds) => {
    let allowed = 0
    for (let round = 0; round < rounds; round++) {
      for (const { subject, object, mode } of questions) {
        if (ability.can(mode, typed(object, { from: subject }))) allowed++
      }
    }
    return allowed
  }
}

/** An ability for each label that asks: the most CASL is made for. */
const caslBySubject: Decide = (rules, questions) => {
  const own = new Map<string, { action: string[]; subject: string }[]>()
  for (const { subject, object, modes } of rules) {
    const list = own.get(subject) ?? []
    own.set(subject, list)
    list.push({ action: [...modes], subject: object })
  }
  const abilities = new Map([...own].map(([subject, list]) => [subject, createMongoAbility(list)]))
  return (rounds) => {
    let allowed = 0
    for (let round = 0; round < rounds; round++) {
      for (const { subject, object, mode } of questions) {
        if (abilities.get(subject)?.can(mode, object) === true) allowed++
      }
    }
    return allowed
  }
}

const ways = {
  table: engine(new Policy()),
  list: engine(new Policy({ rules: (limit) => new RuleList(limit) })),
  map,
  casl,
  'casl by subject': caslBySubject,
} satisfies Record<string, Decide>
export type Way = keyof typeof ways

/** Rounds of one pass, so that it takes about a millisecond. */
const roundsOf: Readonly<Record<Way, number>> = { table: 64, list: 1, map: 8, casl: 1, 'casl by subject': 2 }

export const cell = ({ way, rules: count }: DecideArgs): Cell => {
  const rules = rulesOf(count)
  const questions = questionsOf(rules)
  const decide = ways[way](rules, questions)
  const pass = timedPass(roundsOf[way], decide)
  return { pass: () => pass() / questions.length, ask: { allowed: () => decide(1) } }
}
