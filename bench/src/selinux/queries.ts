/** Queries as people ask them: what a type may do, who may do something to it, what it becomes. */
import type { SecurityServer } from '@lsmkit/selinux/server'
import type { TeRuleKind } from '@lsmkit/selinux/query'
import { randomFrom } from './tuples.ts'

/** Arguments of setools' TERuleQuery. */
export interface Query {
  readonly ruletype: readonly TeRuleKind[]
  readonly source?: string
  readonly target?: string
  readonly tclass?: readonly string[]
}

/** Types are those that rules speak of. */
export const someQueries = (server: SecurityServer): Query[] => {
  const { db, names } = server.policy!
  const random = randomFrom(40)
  const rule = (): number => random(db.avtab.length)
  const source = (): string => names.types[db.avtab.source[rule()]!]!
  const target = (): string => names.types[db.avtab.target[rule()]!]!
  return [
    { ruletype: ['allow'], source: source() },
    { ruletype: ['allow'], target: target(), tclass: ['file'] },
    { ruletype: ['allow', 'dontaudit'], source: source(), target: target() },
    { ruletype: ['type_transition'], source: source(), tclass: ['process'] },
  ]
}

/** Pairs of types between which flows are looked for. */
export interface FlowQuestions {
  readonly minWeight: number
  readonly pairs: readonly (readonly [from: string, to: string])[]
}

/** Types are those that rules speak of; attributes are not types to setools. */
export const someFlows = (server: SecurityServer): FlowQuestions => {
  const { db, names } = server.policy!
  const random = randomFrom(41)
  const types = new Set(db.types.items.filter(({ properties }) => (properties & 2) === 0).map(({ name }) => name))
  const some = (column: Uint16Array): string => {
    for (;;) {
      const name = names.types[column[random(db.avtab.length)]!]!
      if (types.has(name)) return name
    }
  }
  const pairs = Array.from({ length: 8 }, () => [some(db.avtab.target), some(db.avtab.source)] as const)
  return { minWeight: 8, pairs }
}
