/** A decision as one small integer: the verdict in the low three bits, and above them what decided. */

/** The first four are what `smk_access` returns when it does not refuse. */
export const ALLOW = 0
export const BRINGUP = 1
export const UNCONFINED_SUBJECT = 2
export const UNCONFINED_OBJECT = 3
export const DENY = 4

/** `bringup` and the two `unconfined` are allowed, and reported. */
export type Verdict = 'allow' | 'bringup' | 'unconfined-subject' | 'unconfined-object' | 'deny'
const verdicts: readonly Verdict[] = ['allow', 'bringup', 'unconfined-subject', 'unconfined-object', 'deny']

/** What decides, in the order it is asked. */
const grounds = [
  'star-subject', 'web', 'star-object', 'same-label', 'floor-object', 'hat-subject', 'rule', 'no-rule', 'self-rule',
  'privilege',
] as const
export type Ground = (typeof grounds)[number]

export type Decision = number

const on = (ground: Ground, verdict: number): Decision => (grounds.indexOf(ground) << 3) | verdict

export const STAR_SUBJECT: Decision = on('star-subject', DENY)
export const WEB_LABEL: Decision = on('web', ALLOW)
export const STAR_OBJECT: Decision = on('star-object', ALLOW)
export const SAME_LABEL: Decision = on('same-label', ALLOW)
export const FLOOR_OBJECT: Decision = on('floor-object', ALLOW)
export const HAT_SUBJECT: Decision = on('hat-subject', ALLOW)
export const RULE_ALLOWS: Decision = on('rule', ALLOW)
export const RULE_ON_TRIAL: Decision = on('rule', BRINGUP)
export const RULE_LACKS: Decision = on('rule', DENY)
export const NO_RULE: Decision = on('no-rule', DENY)
export const SELF_RULE_LACKS: Decision = on('self-rule', DENY)
export const OVERRIDE: Decision = on('privilege', ALLOW)

/** The same ground with another verdict. */
export const withVerdict = (decision: Decision, verdict: number): Decision => (decision & ~7) | verdict

/** Whether the access is refused. */
export const isDenied = (decision: Decision): boolean => (decision & 7) === DENY
/** Allowed, but not for a normal reason: BRINGUP and the two UNCONFINED_*. */
export const isReported = (decision: Decision): boolean => (decision & 7) !== ALLOW && (decision & 7) !== DENY

/** ALLOW to DENY. */
export const verdictCode = (decision: Decision): number => decision & 7
/** The verdict of the decision. */
export const verdictOf = (decision: Decision): Verdict => verdicts[decision & 7]!
/** The rule or built-in step that decided. */
export const groundOf = (decision: Decision): Ground => grounds[decision >> 3]!
