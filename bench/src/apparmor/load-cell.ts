/** All profiles of a distribution into a kernel's tables, one write each. */
import { PolicyStore } from '@lsmkit/apparmor/query'
import { timedOnce } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { debianPolicies, recordedPolicies } from './data.ts'

export interface LoadArgs {
  readonly of: 'debian' | 'recorded'
}

export const cell = ({ of }: LoadArgs): Cell => {
  const policies = of === 'debian' ? debianPolicies() : recordedPolicies()
  const load = (): number => {
    const store = new PolicyStore()
    return policies.reduce((failed, bytes) => failed + (store.load(bytes, true) === 0 ? 0 : 1), 0)
  }
  return { pass: timedOnce(load), ask: { count: () => policies.length, failed: load } }
}
