/** Why an access is allowed or refused: the rule or the built-in step that decides, in a sentence. */
import { aFunction, anything, aString, checkOptions, required, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { access, taskAccess } from '../access.ts'
import { groundOf, isDenied, verdictOf } from '../decision.ts'
import type { Decision, Ground, Verdict } from '../decision.ts'
import type { Label } from '../label.ts'
import type { LabelTable } from '../label-table.ts'
import { parseLabel } from '../label.ts'
import { modesText } from '../modes.ts'
import type { Policy } from '../policy.ts'
import { entryOf } from '../rules.ts'
import type { Rules } from '../rules.ts'

export interface AccessQuestion {
  /** Labels as text. For a label that the policy has never seen, built-in steps decide, and no rule does. */
  readonly subject: string
  readonly object: string
  /** MAY_* bits. */
  readonly request: number
  /** Rules the task has set for itself; none unless given. */
  readonly selfRules?: Rules | null
  /** Whether the task holds a capability, in the initial user namespace; none unless given, and then onlycap counts. */
  readonly holds?: (cap: number) => boolean
}

export interface Explanation {
  readonly verdict: Verdict
  readonly allowed: boolean
  readonly ground: Ground
  /** `A B rx`: the rule that decided, null when none did. */
  readonly rule: string | null
  /** Modes that were asked for and not given. */
  readonly missing: string
  readonly reason: string
  /** Whether both labels are in use: of others the kernel's access2 says that nothing is allowed. */
  readonly known: boolean
}

const questionRules: OptionRules<AccessQuestion> = {
  subject: required(aString),
  object: required(aString),
  request: required(wholeNumber(0)),
  selfRules: anything,
  holds: aFunction,
}

/** Numbers nobody has, for labels nobody uses; equal texts have equal ones. */
const numbersOf = (labels: LabelTable, subject: string, object: string): [Label, Label] => {
  const [from, to] = [parseLabel(subject) ?? '', parseLabel(object) ?? '']
  const unknown = labels.end + 1
  return [labels.find(from) || unknown, labels.find(to) || (from === to ? unknown : unknown + 1)]
}

const decide = (policy: Policy, question: AccessQuestion, subject: Label, object: Label): Decision => {
  const { request, selfRules = null, holds } = question
  if (selfRules === null && holds === undefined) return access(policy, subject, object, request)
  const actor = { kernelThread: false, label: subject, holds: holds ?? (() => false) }
  return taskAccess(policy, { label: subject, rules: selfRules }, object, request, actor)
}

/** The verdict alone. */
export const queryAccess = (policy: Policy, question: AccessQuestion): Verdict => {
  checkOptions(question, questionRules, 'queryAccess')
  return verdictOf(decide(policy, question, ...numbersOf(policy.labels, question.subject, question.object)))
}

/** The verdict with its reason, and the lines of the rule that decided. */
export const explainAccess = (policy: Policy, question: AccessQuestion): Explanation => {
  checkOptions(question, questionRules, 'explainAccess')
  const [subject, object] = numbersOf(policy.labels, question.subject, question.object)
  const decision = decide(policy, question, subject, object)
  const ground = groundOf(decision)
  const rules = ground === 'self-rule' ? (question.selfRules ?? policy.rules) : policy.rules
  const granted = ground === 'rule' || ground === 'self-rule' ? Math.max(entryOf(rules, subject, object), 0) : 0
  const written = rules.get(subject, object)
  const rule =
    ground === 'rule' || ground === 'self-rule'
      ? `${question.subject} ${question.object} ${modesText(Math.max(written, 0)) || '-'}`
      : null
  const missing = isRefused(decision) ? modesText(question.request & ~granted) : ''
  return {
    verdict: verdictOf(decision),
    allowed: !isDenied(decision),
    ground,
    rule,
    missing,
    reason: reasonOf(ground, decision, question, rule, missing),
    known: policy.labels.has(subject) && policy.labels.has(object),
  }
}

/** By its ground, whatever an unconfined label has made of it. */
const isRefused = (decision: Decision): boolean => !['allow', 'bringup'].includes(verdictOf(decision))

const sentences: Readonly<Record<Exclude<Ground, 'rule' | 'self-rule' | 'no-rule'>, string>> = {
  'star-subject': '`*` may access nothing',
  web: 'to and from `@` everything is allowed',
  'star-object': 'everybody may access `*`',
  'same-label': 'a label may access itself',
  'floor-object': 'everybody may read and execute `_`, or lock it',
  'hat-subject': '`^` may read and execute everything, or lock it',
  privilege: 'CAP_MAC_OVERRIDE overrides the refusal',
}

const reasonOf = (
  ground: Ground,
  decision: Decision,
  { subject, object, request }: AccessQuestion,
  rule: string | null,
  missing: string,
): string => {
  const modes = modesText(request) || 'an empty request'
  const base = (): string => {
    switch (ground) {
      case 'rule':
        return `the rule \`${rule}\` ${isRefused(decision) ? `lacks ${missing || 'any mode'}` : `allows ${modes}`}`
      case 'self-rule':
        return `the rule \`${rule}\` that the task has set for itself lacks ${missing}`
      case 'no-rule':
        return `there is no rule from \`${subject}\` to \`${object}\``
      default:
        return sentences[ground]
    }
  }
  switch (verdictOf(decision)) {
    case 'bringup':
      return `${base()}, on trial`
    case 'unconfined-subject':
      return `${base()}, but \`${subject}\` is unconfined`
    case 'unconfined-object':
      return `${base()}, but \`${object}\` is unconfined`
    default:
      return base()
  }
}
