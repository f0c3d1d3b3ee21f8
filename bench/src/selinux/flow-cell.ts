/** Shortest information flows on a policy that is loaded. */
import { readPolicy } from '@lsmkit/selinux/policydb'
import { InformationFlows } from '@lsmkit/selinux/flow'
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { readData } from './data.ts'
import type { FlowQuestions } from './queries.ts'
import { mix, START } from './sum.ts'

export interface FlowArgs {
  readonly policy: string
}

export const cell = ({ policy }: FlowArgs): Cell => {
  const { pairs, minWeight } = JSON.parse(readData('flows.json').toString()) as FlowQuestions
  const flows = new InformationFlows(readPolicy(readData(`${policy}.policy`)), { minWeight })
  const sum = (): number => {
    let total = START
    for (const [from, to] of pairs) {
      const found = [...flows.shortest(from, to)]
      total = mix(total, found.length)
      total = mix(total, found.reduce((steps, { path }) => steps + path.length - 1, 0))
    }
    return total
  }
  const pass = timedPass(1, sum)
  return { pass: () => pass() / pairs.length, ask: { sum } }
}
