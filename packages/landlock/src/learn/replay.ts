/** Refusals of a log asked of another ruleset. */
import type { Replayed } from '@lsmkit/core/policy/audit-log'
import { checkOptions } from '@lsmkit/core/option-rules'
import { planOf, rulesetRules } from '../builder.ts'
import type { RulesetOptions } from '../builder.ts'
import { bitOf } from '../rights.ts'
import type { BlockedRecord } from './blocked.ts'

/** Granted is what rules on a path, or on directories above it, have all rights for. Throws OptionError. */
export const replayBlocked = (records: Iterable<BlockedRecord>, options: RulesetOptions): Replayed[] =>
  [...replayedBlocked(records, options)]

/** The same, each when it is asked for. */
export function* replayedBlocked(records: Iterable<BlockedRecord>, options: RulesetOptions): Generator<Replayed> {
  checkOptions(options, rulesetRules, 'replayBlocked')
  const plan = planOf(options)
  for (const { line, blockers, path, port } of records) {
    const above = path === null ? 0 : rightsAt(plan.paths, path)
    const open = port === null ? 0 : (plan.ports.get(port) ?? 0)
    const missing = blockers.filter((name) => {
      const [kind, right = ''] = name.split('.')
      if (kind === 'fs') return (plan.fs & bitOf('fs', right) & ~above) !== 0 || bitOf('fs', right) === 0
      if (kind === 'net') return (plan.net & bitOf('net', right) & ~open) !== 0
      if (kind === 'scope') return (plan.scope & bitOf('scope', right)) !== 0
      return true
    })
    yield {
      line, was: 'denied', now: missing.length === 0 ? 'granted' : 'denied',
      access: `${blockers.join(',')} ${path ?? (port === null ? '' : `port ${port}`)}`.trim(),
      why: missing.length === 0 ? '' : `${missing.join(', ')} is not granted`,
    }
  }
}

const rightsAt = (granted: ReadonlyMap<string, number>, path: string): number => {
  let rights = 0
  for (const [at, own] of granted) {
    const folder = at.endsWith('/') ? at : `${at}/`
    if (path === at || path.startsWith(folder)) rights |= own
  }
  return rights
}
