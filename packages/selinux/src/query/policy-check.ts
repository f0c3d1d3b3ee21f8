/** A policy as tests ask it: `expect(selinuxPolicy(policy)).toAllow(source, target, 'file', ['read'])`. */
import { aBoolean, checkOptions, recordOf } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { writePolicy } from '../policydb/index.ts'
import type { Policydb } from '../policydb/index.ts'
import { SecurityServer } from '../server/security-server.ts'
import { explainAccess } from './access.ts'
import type { PermissionAnswer } from './access.ts'
import { QueryError } from './errors.ts'
import { TeRules } from './te-rules.ts'

/** Why something is denied, in a sentence. */
const reasons: Readonly<Record<NonNullable<PermissionAnswer['reason']>, string>> = {
  rule: 'no rule allows it',
  boolean: 'a boolean keeps the rule from being in force',
  constraint: 'a constraint is not met',
  role: 'no rule lets the one role become the other',
  bounds: 'the type that bounds the source may not',
}

/** A sentence; null when it was allowed. */
export const whyDenied = ({ reason }: PermissionAnswer): string | null => (reason === null ? null : reasons[reason])

const why = (answer: PermissionAnswer): string | null => {
  const settings = Object.entries(answer.booleans).map(([name, state]) => `${name}=${state ? 'on' : 'off'}`)
  const told = [whyDenied(answer), ...answer.rules, settings.length === 0 ? null : `set ${settings.join(' ')}`]
  return told.filter((text) => text !== null).join('; ') || null
}

export interface SelinuxPolicyCheck {
  /** Contexts of source and target, a class, and permissions of it: a verdict for each. */
  check(source: string, target: string, tclass: string, permissions: string | readonly string[]): readonly {
    readonly asked: string
    readonly allowed: boolean
    readonly why: string | null
  }[]
}

export interface SelinuxPolicyOptions {
  /** Values other than the policy's own. */
  readonly booleans?: Readonly<Record<string, boolean>>
}

const rules: OptionRules<SelinuxPolicyOptions> = { booleans: recordOf(aBoolean) }

/** Throws OptionError, and QueryError for names that the policy does not have. */
export const selinuxPolicy = (policy: Policydb, options: SelinuxPolicyOptions = {}): SelinuxPolicyCheck => {
  checkOptions(options, rules, 'selinuxPolicy')
  const { booleans = {} } = options
  const server = new SecurityServer()
  server.load(writePolicy(policy))
  const known = server.booleans().map(({ name }) => name)
  const unknown = Object.keys(booleans).find((name) => !known.includes(name))
  if (unknown !== undefined) throw new QueryError('unknown-name', `there is no boolean \`${unknown}\``)
  server.setBooleans(booleans)
  const teRules = new TeRules(policy)
  return {
    check: (source, target, tclass, permissions) =>
      explainAccess(server, teRules, source, target, tclass, [permissions].flat())
        .permissions.map((answer) => ({ asked: answer.permission, allowed: answer.allowed, why: why(answer) })),
  }
}
