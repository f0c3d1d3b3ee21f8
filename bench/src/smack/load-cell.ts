/** Taking rules in: a whole file by the engine, or in writes as smackfs gets them; and what they take of memory. */
import { load2Writes, loadRules, Policy, SET_FIELDS, writeLongRules } from '@lsmkit/smack/engine'
import type { Cell } from '../harness/cell.ts'
import { used } from '../harness/memory.ts'
import { fileOf, rulesOf } from './world.ts'

export interface LoadArgs {
  readonly way: 'file' | 'writes'
  readonly rules: number
}

const load = (way: LoadArgs['way'], text: string): Policy => {
  const policy = new Policy()
  if (way === 'file') loadRules(policy, text)
  else for (const write of load2Writes(text)) writeLongRules(policy.labels, policy.rules, write, SET_FIELDS)
  return policy
}

export const cell = ({ way, rules }: LoadArgs): Cell => {
  const text = fileOf(rulesOf(rules))
  let kept: Policy | null = null
  return {
    /** Nanoseconds for all of it. */
    pass() {
      const start = process.hrtime.bigint()
      kept = load(way, text)
      const took = Number(process.hrtime.bigint() - start)
      if (kept.rules.size !== rules) throw new Error(`${kept.rules.size} rules came of ${rules}`)
      return took
    },
    ask: {
      /** Bytes a rule, labels included. */
      space() {
        kept = null
        load(way, text)
        const before = used()
        kept = load(way, text)
        return (used() - before) / kept.rules.size
      },
    },
  }
}
