/**
 * The access decision: five built-in steps in a fixed order, then the subject's rule for the object (smk_access,
 * smk_tskacc). Values in, a value out; the caller decides what to do with it.
 */
import {
  DENY, FLOOR_OBJECT, HAT_SUBJECT, isDenied, NO_RULE, OVERRIDE, RULE_ALLOWS, RULE_LACKS, RULE_ON_TRIAL, SAME_LABEL,
  SELF_RULE_LACKS, STAR_OBJECT, STAR_SUBJECT, UNCONFINED_OBJECT, UNCONFINED_SUBJECT, WEB_LABEL, withVerdict,
} from './decision.ts'
import type { Decision } from './decision.ts'
import type { Label } from './label.ts'
import { FLOOR, HAT, STAR, WEB } from './label-table.ts'
import { MAY_ANYREAD, MAY_BRINGUP, MAY_LOCK } from './modes.ts'
import { CAP_MAC_OVERRIDE } from '@lsmkit/abi'
import { privileged } from './privilege.ts'
import type { Actor, OnlycapPolicy } from './privilege.ts'
import { entryOf } from './rules.ts'
import type { Rules } from './rules.ts'

/** The inputs of a decision. */
export interface AccessPolicy {
  readonly rules: Rules
  /** CONFIG_SECURITY_SMACK_BRINGUP: `b` in rules and the unconfined label mean something. */
  readonly bringup: boolean
  /** smackfs/unconfined; 0 is not a label. */
  readonly unconfined: Label
}

/** The subject: a label and the rules it has set for itself (load-self), null if there are none. */
export interface Subject {
  readonly label: Label
  readonly rules: Rules | null
}

/** As `smk_access`: `request` is a set of MAY_* bits, and may be empty. */
export const access = (policy: AccessPolicy, subject: Label, object: Label, request: number): Decision => {
  if (subject === STAR) return refuse(policy, subject, object, STAR_SUBJECT)
  if (object === WEB || subject === WEB) return WEB_LABEL
  if (object === STAR) return STAR_OBJECT
  if (subject === object) return SAME_LABEL
  // the labels first: they are seldom these two, and the processor can tell; what is asked for it cannot
  if (object === FLOOR || subject === HAT) {
    if (isReadingOrLocking(request)) return object === FLOOR ? FLOOR_OBJECT : HAT_SUBJECT
  }
  const may = entryOf(policy.rules, subject, object)
  if (may <= 0) return refuse(policy, subject, object, may < 0 ? NO_RULE : RULE_LACKS)
  if ((request & may) !== request) return refuse(policy, subject, object, RULE_LACKS)
  return (may & MAY_BRINGUP) !== 0 && policy.bringup ? RULE_ON_TRIAL : RULE_ALLOWS
}

/** One or the other, not the two together. Nothing at all is both. */
const isReadingOrLocking = (request: number): boolean =>
  (request & MAY_ANYREAD) === request || (request & MAY_LOCK) === request

/** The unconfined label turns a refusal into something to report; the subject counts before the object. */
const refuse = (policy: AccessPolicy, subject: Label, object: Label, decision: Decision): Decision => {
  if (!policy.bringup || policy.unconfined === 0) return decision
  if (subject === policy.unconfined) return withVerdict(decision, UNCONFINED_SUBJECT)
  return withVerdict(decision, object === policy.unconfined ? UNCONFINED_OBJECT : DENY)
}

/**
 * As `smk_tskacc`: the subject's own rules may refuse what all else allows, and CAP_MAC_OVERRIDE of `current` allows
 * what was refused. The privilege is always that of the running task, also where another one's cred is checked.
 */
export const taskAccess = (
  policy: AccessPolicy & OnlycapPolicy,
  subject: Subject,
  object: Label,
  request: number,
  current: Actor,
): Decision => {
  let decision = access(policy, subject.label, object, request)
  if (!isDenied(decision)) {
    if (subject.rules === null) return decision
    const may = entryOf(subject.rules, subject.label, object)
    if (may < 0 || (request & may) === request) return decision
    decision = SELF_RULE_LACKS
  }
  return privileged(policy, current, CAP_MAC_OVERRIDE) ? OVERRIDE : decision
}
