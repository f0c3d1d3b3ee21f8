/** sediff: what one policy says and another does not, by name. */
import { differingLines, normalisePolicy } from '../policydb/normalise.ts'
import type { Policydb } from '../policydb/policydb.ts'

export interface PolicyDiff {
  readonly removed: readonly string[]
  readonly added: readonly string[]
  /** By the first word of the lines: how many are gone and new. */
  readonly byKind: Readonly<Record<string, { readonly removed: number; readonly added: number }>>
}

export const diffPolicies = (before: Policydb, after: Policydb): PolicyDiff => {
  const { onlyA: removed, onlyB: added } = differingLines(normalisePolicy(before), normalisePolicy(after))
  const byKind: Record<string, { removed: number; added: number }> = {}
  const count = (lines: readonly string[], side: 'removed' | 'added'): void => {
    for (const line of lines) (byKind[line.split(' ', 1)[0]!] ??= { removed: 0, added: 0 })[side]++
  }
  count(removed, 'removed')
  count(added, 'added')
  return { removed, added, byKind }
}
