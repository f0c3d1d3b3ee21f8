/** One way of deciding over so many rules: all questions once a pass, in their order. */
import { timedOnce, timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { list, selinux, table } from './engines.ts'
import { casbin, casl, caslBySubject, cedar } from './libraries.ts'
import { map } from './ways.ts'
import type { Decide } from './ways.ts'
import { questionsOf, rulesOf } from './world.ts'

export interface DecideArgs {
  readonly way: Way
  readonly rules: number
}

interface WayEntry {
  readonly decide: Decide
  /** Rounds of one pass, so that it takes about a millisecond. */
  readonly rounds: number
  /** Rules that are looked through for a question: where they are many, fewer questions make a pass. */
  readonly walks?: true
}

const ways = {
  'table': { decide: table, rounds: 64 },
  'list': { decide: list, rounds: 1, walks: true },
  'selinux': { decide: selinux, rounds: 8 },
  'map': { decide: map, rounds: 8 },
  'casl': { decide: casl, rounds: 1 },
  'casl by subject': { decide: caslBySubject, rounds: 2 },
  'casbin': { decide: casbin, rounds: 1, walks: true },
  'cedar': { decide: cedar, rounds: 1, walks: true },
} satisfies Record<string, WayEntry>
export type Way = keyof typeof ways

/** Rules looked through in a pass, at most, by a way that looks through them. */
const WALKED = 100_000

export const cell = async ({ way, rules: count }: DecideArgs): Promise<Cell> => {
  const { decide, rounds, walks }: WayEntry = ways[way]
  const rules = rulesOf(count)
  const all = questionsOf(rules)
  const questions = walks ? all.slice(0, Math.max(1, WALKED / count)) : all
  const may = await decide(rules, questions)
  const ask = (times: number): number => {
    let allowed = 0
    for (let round = 0; round < times; round++) {
      for (let i = 0; i < questions.length; i++) if (may(i)) allowed++
    }
    return allowed
  }
  const pass = walks ? timedOnce(() => ask(1)) : timedPass(rounds, ask)
  return {
    pass: () => pass() / questions.length,
    ask: { answers: () => questions.map((_, i) => (may(i) ? '+' : '-')).join('') },
  }
}
