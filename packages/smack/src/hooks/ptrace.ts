/** Tracing, and what an exec under a tracer needs. */
import { CAP_SYS_PTRACE, MAY_READ, PTRACE_MODE_ATTACH, PTRACE_MODE_NOAUDIT, PTRACE_MODE_READ } from '@lsmkit/abi'
import { answersPositive } from '@lsmkit/core'
import type { HookTable, Task } from '@lsmkit/core'
import { taskAccess } from '../access.ts'
import { record } from '../audit.ts'
import { errnoOf } from '../checks.ts'
import { isReported, NO_RULE, OVERRIDE, SAME_LABEL, verdictCode } from '../decision.ts'
import type { Decision } from '../decision.ts'
import type { Label } from '../label.ts'
import { MAY_READWRITE } from '../modes.ts'
import { SMACK_PTRACE_DEFAULT, SMACK_PTRACE_EXACT } from '../policy.ts'
import { credPrivileged, currentLabel, taskLabel } from '../state.ts'
import type { Smack } from '../state.ts'

const requestOf = (mode: number): number => {
  if ((mode & PTRACE_MODE_ATTACH) !== 0) return MAY_READWRITE
  return (mode & PTRACE_MODE_READ) !== 0 ? MAY_READ : 0
}

/**
 * Rules 1 and 2: to attach, labels must be equal. Under 1 the tracer's CAP_SYS_PTRACE stands in, onlycap permitting.
 */
const exact = (smack: Smack, tracer: Task, subject: Label, object: Label): Decision => {
  if (subject === object) return SAME_LABEL
  const mayOverride = smack.policy.ptrace === SMACK_PTRACE_EXACT
  return mayOverride && credPrivileged(smack, tracer.real_cred, CAP_SYS_PTRACE) ? OVERRIDE : NO_RULE
}

/**
 * As `smk_ptrace_rule_check`: may `tracer` trace what is labelled `tracee`? `mode` is a set of PTRACE_MODE_*. A rule on
 * trial and an unconfined label answer their positive code, which every caller of the hook takes for no.
 */
export const ptraceCheck = (smack: Smack, tracer: Task, tracee: Label, mode: number, fn: string): number => {
  const { policy, blobs } = smack
  const subject = blobs.cred(tracer.real_cred)
  const isExact = (mode & PTRACE_MODE_ATTACH) !== 0 && policy.ptrace !== SMACK_PTRACE_DEFAULT
  const request = isExact ? 0 : requestOf(mode)
  const decision = isExact
    ? exact(smack, tracer, subject.label, tracee)
    : taskAccess(policy, subject, tracee, request, smack.current)
  if ((mode & PTRACE_MODE_NOAUDIT) === 0) {
    record(smack, { fn, subject: subject.label, object: tracee, request }, decision, 'task', tracer)
  }
  return isReported(decision) ? verdictCode(decision) : errnoOf(smack, decision, subject.label, tracee, request)
}

export const ptraceHooks: HookTable<Smack> = {
  ptrace_access_check: answersPositive((smack: Smack, child: Task, mode: number) =>
    ptraceCheck(smack, smack.ctx.current.task, taskLabel(smack, child), mode, 'smack_ptrace_access_check')),

  /** The parent is the subject; the privilege that counts is the caller's, who is the object. */
  ptrace_traceme: answersPositive((smack: Smack, parent: Task) =>
    ptraceCheck(smack, parent, currentLabel(smack), PTRACE_MODE_ATTACH, 'smack_ptrace_traceme')),
}
