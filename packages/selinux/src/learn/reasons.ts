/** Why the policy denies what a log shows: booleans to set, and the part of a constraint that is in the way. */
import { explainAccess } from '../query/access.ts'
import type { DenialReason, PermissionAnswer } from '../query/access.ts'
import { QueryError } from '../query/errors.ts'
import { explainPermission } from '../query/explain.ts'
import type { TeRules } from '../query/te-rules.ts'
import type { SecurityServer } from '../server/security-server.ts'
import type { Denial } from './avc-line.ts'

/** An answer, with the parts of constraints that fail where a constraint is the reason. */
export interface Reason extends PermissionAnswer {
  readonly failing: readonly string[]
}

const distinctBy = <T>(items: readonly T[], key: (item: T) => string): T[] =>
  [...new Map(items.map((item) => [key(item), item])).values()]

const MOST_CONTEXTS = 8

const isNamed = ({ permissions }: Denial): boolean => permissions.length > 0

/** The policy's answers to the denied accesses. Contexts that the policy does not have are passed over. */
export const reasonsOf = (server: SecurityServer, policy: TeRules, denials: readonly Denial[]): Reason[] =>
  distinctBy(denials.filter(isNamed), (denial) =>
    `${denial.scontext} ${denial.tcontext} ${denial.permissions.join()}`)
    .slice(0, MOST_CONTEXTS)
    .flatMap(({ scontext, tcontext, tclass, permissions }) => {
      try {
        return explainAccess(server, policy, scontext, tcontext, tclass, permissions).permissions.map((answer) => ({
          ...answer, failing: failingParts(server, policy, [scontext, tcontext], tclass, answer),
        }))
      } catch (error) {
        if (error instanceof QueryError) return []
        throw error
      }
    })

/** The parts that would make the constraints hold, else their text; nothing for other reasons. */
export const failingParts = (
  server: SecurityServer, policy: TeRules, [source, target]: readonly [string, string], tclass: string,
  { permission, reason }: PermissionAnswer,
): string[] => {
  if (reason !== 'constraint') return []
  const { constraints, remedies } = explainPermission(server, policy, source, target, tclass, permission)
  const parts = remedies.filter(({ kind }) => kind === 'constraint').map(({ words }) => words)
  return parts.length > 0 ? parts : constraints.filter(({ holds }) => !holds).map(({ text }) => text)
}

/** `a=on b=off`; empty where no boolean would allow it. */
export const settingText = ({ booleans }: PermissionAnswer): string =>
  Object.entries(booleans).map(([name, state]) => `${name}=${state ? 'on' : 'off'}`).join(' ')

/** Values of booleans that would allow it: `a=on b=off`. */
export const settingsOf = (answers: readonly Reason[]): string[] =>
  [...new Set(answers.map(settingText))].filter((text) => text !== '')

const TAKERS: Readonly<Partial<Record<DenialReason, string>>> = {
  constraint: 'a constraint', role: 'no role_allow rule', bounds: 'the bounds of its type',
}

/** Permissions that no rule gives, each with what denies it. */
export const takenOf = (answers: readonly Reason[]): string[] => {
  const taken = answers.flatMap(({ permission, reason, failing }) => {
    const taker = reason === null ? undefined : TAKERS[reason]
    if (taker === undefined) return []
    const parts = failing.length === 0 ? '' : ` (${failing.join('; or ')})`
    return [`${permission}: ${taker} denies what rules allow${parts}`]
  })
  return [...new Set(taken)].sort()
}
