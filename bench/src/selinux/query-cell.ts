/** Rule queries on a policy that is loaded. */
import { readPolicy } from '@lsmkit/selinux/policydb'
import { TeRules } from '@lsmkit/selinux/query'
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { readData } from './data.ts'
import type { Query } from './queries.ts'
import { mix, START } from './sum.ts'

export interface QueryArgs {
  readonly policy: string
}

export const cell = ({ policy }: QueryArgs): Cell => {
  const rules = new TeRules(readPolicy(readData(`${policy}.policy`)))
  const queries = JSON.parse(readData('queries.json').toString()) as Query[]
  const texts = ({ ruletype, source, target, tclass }: Query): string[] =>
    rules.texts({ kinds: ruletype, source, target, classes: tclass })
  const pass = timedPass(1, () => queries.reduce((count, query) => count + texts(query).length, 0))
  const sum = (): number => {
    let total = START
    for (const query of queries) {
      const found = texts(query)
      total = mix(total, found.length)
      for (const text of found) total = mix(total, text.length)
    }
    return total
  }
  return { pass: () => pass() / queries.length, ask: { sum } }
}
