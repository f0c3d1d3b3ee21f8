/** Rules of the audit subsystem that speak of contexts: `auditctl -F subj_type=…`. */
import {
  AUDIT_OBJ_LEV_HIGH, AUDIT_OBJ_LEV_LOW, AUDIT_OBJ_ROLE, AUDIT_OBJ_TYPE, AUDIT_OBJ_USER, AUDIT_SUBJ_CLR,
  AUDIT_SUBJ_ROLE, AUDIT_SUBJ_SEN, AUDIT_SUBJ_TYPE, AUDIT_SUBJ_USER, EINVAL, ENOENT, EOPNOTSUPP, ESTALE,
} from '@lsmkit/abi'
import type { HookTable } from '@lsmkit/core'
import type { SecurityContext } from '../server/context.ts'
import { parseLevel } from '../server/context-text.ts'
import { dominates } from '../server/levels.ts'
import type { MlsLevel } from '../server/levels.ts'
import type { LoadedPolicy } from '../server/loaded-policy.ts'
import type { Selinux } from '../state.ts'

/** Operators as the kernel numbers them once a rule is read. */
const EQUAL = 0
const NOT_EQUAL = 1
const LESS = 4
const GREATER = 5
const LESS_OR_EQUAL = 6
const GREATER_OR_EQUAL = 7

type Part = 'user' | 'role' | 'type' | 'low' | 'high'
const parts: Readonly<Record<number, Part>> = {
  [AUDIT_SUBJ_USER]: 'user', [AUDIT_OBJ_USER]: 'user', [AUDIT_SUBJ_ROLE]: 'role', [AUDIT_OBJ_ROLE]: 'role',
  [AUDIT_SUBJ_TYPE]: 'type', [AUDIT_OBJ_TYPE]: 'type', [AUDIT_SUBJ_SEN]: 'low', [AUDIT_OBJ_LEV_LOW]: 'low',
  [AUDIT_SUBJ_CLR]: 'high', [AUDIT_OBJ_LEV_HIGH]: 'high',
}

/** What an audit rule keeps of SELinux; a new policy makes it stale. */
class AuditRule {
  readonly seqno: number
  readonly value: number | MlsLevel

  constructor(seqno: number, value: number | MlsLevel) {
    this.seqno = seqno
    this.value = value
  }
}

/** The value a rule compares with; undefined of what the policy has not. */
const valueOf = (policy: LoadedPolicy, part: Part, text: string): number | MlsLevel | undefined => {
  switch (part) {
    case 'user':
      return policy.users.get(text)
    case 'role':
      return policy.roles.get(text)
    case 'type':
      return policy.types.get(text)
    default:
      return policy.mls ? (parseLevel(policy, text) ?? undefined) : undefined
  }
}

const compareLevels = (op: number, rule: MlsLevel, level: MlsLevel): boolean => {
  switch (op) {
    case EQUAL:
      return rule === level
    case NOT_EQUAL:
      return rule !== level
    case LESS:
      return rule !== level && dominates(rule, level)
    case LESS_OR_EQUAL:
      return dominates(rule, level)
    case GREATER:
      return rule !== level && dominates(level, rule)
    case GREATER_OR_EQUAL:
      return dominates(level, rule)
    default:
      return false
  }
}

const matches = (op: number, rule: AuditRule, part: Part, context: SecurityContext): boolean => {
  const value = context[part]
  if (typeof rule.value !== 'number') return compareLevels(op, rule.value, value as MlsLevel)
  if (op === EQUAL) return rule.value === value
  return op === NOT_EQUAL && rule.value !== value
}

export const auditRuleHooks: HookTable<Selinux> = {
  audit_rule_init(selinux, field, op, text, rule) {
    rule.value = null
    const { policy } = selinux.server
    if (policy === null) return -EOPNOTSUPP
    const part = parts[field]
    if (part === undefined) return -EINVAL
    const isLevel = part === 'low' || part === 'high'
    // levels have an order, but a rule takes one of them and no range
    if (isLevel ? text.includes('-') : op !== EQUAL && op !== NOT_EQUAL) return -EINVAL
    const value = valueOf(policy, part, text)
    if (value === undefined) return -EINVAL
    rule.value = new AuditRule(selinux.server.seqno, value)
    return 0
  },

  audit_rule_known: (_selinux, { fields }) => (fields.some(({ type }) => parts[type] !== undefined) ? 1 : 0),

  audit_rule_match(selinux, secid, field, op, rule) {
    if (!(rule instanceof AuditRule)) return -ENOENT
    if (selinux.server.policy === null) return 0
    if (rule.seqno < selinux.server.seqno) return -ESTALE
    const context = selinux.server.contextOf(secid)
    const part = parts[field]
    if (context === null) return -ENOENT
    return part !== undefined && matches(op, rule, part, context) ? 1 : 0
  },

  audit_rule_free() {},
}
