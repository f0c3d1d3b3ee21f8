/**
 * The checks hooks make: a decision, its record, and the errno. Where privilege counts it is the running task's; `raw`
 * checks know neither privilege nor rules a task has set for itself.
 */
import { EACCES } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { access, taskAccess } from './access.ts'
import type { Subject } from './access.ts'
import { record } from './audit.ts'
import type { Kind, Source } from './audit.ts'
import { groundOf, isDenied } from './decision.ts'
import type { Decision } from './decision.ts'
import type { Label } from './label.ts'
import { modesText } from './modes.ts'
import { currentState } from './state.ts'
import type { Smack } from './state.ts'

/** As `smk_tskacc`: the task whose cred has this state. */
export const taskCheck = <K extends Kind>(
  smack: Smack,
  subject: Subject,
  object: Label,
  request: number,
  fn: string,
  kind: K,
  source: Source<K>,
  other: Task | null = null,
): Decision => {
  const decision = taskAccess(smack.policy, subject, object, request, smack.current)
  record(smack, { fn, subject: subject.label, object, request, other }, decision, kind, source)
  return decision
}

/** As `smk_curacc`. */
export const currentCheck = <K extends Kind>(
  smack: Smack,
  object: Label,
  request: number,
  fn: string,
  kind: K,
  source: Source<K>,
): Decision => taskCheck(smack, currentState(smack), object, request, fn, kind, source)

/** As `smk_access`. */
export const rawCheck = <K extends Kind>(
  smack: Smack,
  subject: Label,
  object: Label,
  request: number,
  fn: string,
  kind: K,
  source: Source<K>,
): Decision => {
  const decision = access(smack.policy, subject, object, request)
  record(smack, { fn, subject, object, request }, decision, kind, source)
  return decision
}

/** 0 or -EACCES; the reason of a refusal goes into the framework's own record. */
export const errnoOf = (smack: Smack, decision: Decision, subject: Label, object: Label, request: number): number => {
  if (!isDenied(decision)) return 0
  const { labels } = smack.policy
  const details = { subject: labels.text(subject), object: labels.text(object), requested: modesText(request) }
  return smack.ctx.audit.deny(-EACCES, groundOf(decision), details)
}
