/** `lsm selinux explain`: which rule, attribute, boolean or constraint decides, and what would have to change. */
import { explainPermission, TeRules, whyDenied } from '@lsmkit/selinux/query'
import type { Explained, ExplainedRule } from '@lsmkit/selinux/query'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import { withCommandErrors } from './errors.ts'
import { policyOf, serverOf } from './inputs.ts'

export interface ExplainFlags {
  readonly policy: string
  readonly set?: readonly string[]
  readonly local?: readonly string[]
  readonly json?: boolean
}

/** Ends with 0 when it is allowed, else with 1. */
export const explainPermissionCommand = (
  io: Io, source: string, target: string, tclass: string, permission: string, flags: ExplainFlags,
): number => withCommandErrors(() => {
  const policy = policyOf(io, flags.policy, flags.local)
  const explained = explainPermission(
    serverOf(policy, flags.set), new TeRules(policy), source, target, tclass, permission)
  if (flags.json) printJson(io, { ...explained })
  else print(io, explained)
  return explained.allowed ? EXIT.ok : EXIT.denied
})

const print = (io: Io, explained: Explained): void => {
  const { source, target, tclass, permission, allowed, permissive, rules, constraints, remedies } = explained
  const verdict = allowed ? io.colors.green('allowed') : io.colors.red('denied')
  io.print(`${source} ${target} ${tclass} ${permission}: ${verdict}`)
  const why = whyDenied({ ...explained, rules: [] })
  if (why !== null) io.print(`  because ${why}${explained.audited ? '' : '; denials are not logged'}`)
  for (const rule of rules) io.print(`  ${rule.text}${noteOf(rule)}`)
  for (const { text, holds } of constraints) io.print(`  ${holds ? 'holds' : io.colors.red('does not hold')}: ${text}`)
  if (permissive) io.print('  the domain is permissive: what is denied is logged and let pass')
  if (remedies.length > 0) io.print('  to allow it, one of:')
  for (const { words } of remedies) io.print(`    ${words}`)
}

const noteOf = ({ sourceAttribute, targetAttribute, inForce }: ExplainedRule): string => {
  const notes = [
    ...sourceAttribute === null ? [] : [`the source is in ${sourceAttribute}`],
    ...targetAttribute === null ? [] : [`the target is in ${targetAttribute}`],
    ...inForce ? [] : ['not in force'],
  ]
  return notes.length === 0 ? '' : `  (${notes.join(', ')})`
}
