/**
 * The operations of a set of rules, however it keeps them: the table that is fast and the list that is plain do the
 * same.
 */
import { MAY_WRITE } from '@lsmkit/abi'
import type { Label } from './label.ts'
import { MAY_LOCK } from './modes.ts'

/** Sees one rule; false ends the walk. */
export type RuleVisitor = (subject: Label, object: Label, modes: number) => boolean | void

/** One list of the kernel for each subject. Setting a pair that is there changes it in place. */
export interface Rules {
  /** Rules set so far, those without any mode included: the kernel removes none. */
  readonly size: number
  /** Grows with every change: what was decided under another number has to be decided again. */
  readonly changes: number
  /** Counts as a change, though the rules are the same. */
  renew(): void
  /** The modes as they were set; -1 without a rule. */
  get(subject: Label, object: Label): number
  /** As `smk_set_access`: adds `allow`, then takes `deny` away. 0, or -ENOMEM when there is no room for a new pair. */
  change(subject: Label, object: Label, allow: number, deny: number): number
  /** Takes every mode from the subject's rules, which stay where they are. */
  revoke(subject: Label): void
  /** The subject's rules, newest first. */
  eachOf(subject: Label, visit: RuleVisitor): void
  /** All rules, newest first: the one list of a task. */
  each(visit: RuleVisitor): void
  /** As `smk_copy_rules`: what a copied cred gets. Newest and oldest change places, as every copy goes to the head. */
  copy(): Rules
}

/** Turns the bit of `w` into that of `l`, without a branch nobody could predict. */
const LOCK_OVER_WRITE = MAY_LOCK / MAY_WRITE

/** As `smk_access_entry`: what the rule gives, locks with writes; -1 without a rule. */
export const entryOf = (rules: Rules, subject: Label, object: Label): number => {
  const modes = rules.get(subject, object)
  return modes | ((modes & MAY_WRITE) * LOCK_OVER_WRITE)
}
