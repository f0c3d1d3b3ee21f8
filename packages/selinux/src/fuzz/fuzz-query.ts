/** Damaged policies that are still policies: every question can be asked of them, and all differences can be listed. */
import { PolicyError } from '../policydb/errors.ts'
import { optimisePolicy } from '../policydb/optimise.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { readPolicy } from '../policydb/reader.ts'
import { writePolicy } from '../policydb/writer.ts'
import {
  diffLines, diffPolicies, nameKinds, policyInfo, policyNames, policyStatements, PolicyView, roleRuleKinds, roleRules,
  TeRules,
} from '../query/index.ts'
import { mutateBytes } from './mutate.ts'
import type { FuzzTarget } from './target.ts'

const ask = (policy: Policydb): void => {
  const view = new PolicyView(policy)
  for (const kind of nameKinds) {
    policyNames(view, kind)
    policyStatements(view, kind)
  }
  for (const kind of roleRuleKinds) roleRules(view, kind, { target: /^[a-m]/ })
  policyInfo(policy)
  new TeRules(view).texts({ source: /^[a-m]/ })
}

/** Damages a policy: refused, or asked, compared with the whole one both ways, and optimised. */
export const queryTarget = (policy: Uint8Array): FuzzTarget => {
  const whole = readPolicy(policy)
  return {
    make: (random) => mutateBytes(policy, random),
    attempt(input) {
      let damaged: Policydb
      try {
        damaged = readPolicy(input)
      } catch (error) {
        if (error instanceof PolicyError) return false
        throw error
      }
      ask(damaged)
      for (const [before, after] of [[whole, damaged], [damaged, whole]] as const) {
        for (const line of diffLines(diffPolicies(before, after))) if (line === '') throw new Error('an empty line')
      }
      readPolicy(writePolicy(optimisePolicy(damaged)))
      return true
    },
  }
}
