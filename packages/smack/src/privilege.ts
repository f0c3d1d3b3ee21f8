/** Permission to override and administer: one question, with its subject as an argument (smack_privileged). */
import type { Label } from './label.ts'

/** Somebody who may be privileged. */
export interface Actor {
  /** PF_KTHREAD: always privileged. */
  readonly kernelThread: boolean
  readonly label: Label
  /** Whether `cap` is in the effective set, in the initial user namespace: root of another one holds nothing here. */
  holds(cap: number): boolean
}

/** The labels whose tasks may use capabilities against Smack; when there are none, all may. */
export interface OnlycapPolicy {
  readonly onlycap: readonly Label[]
}

/** As `smack_privileged`. For a cred that is not a running task (smack_privileged_cred) `kernelThread` is false. */
export const privileged = ({ onlycap }: OnlycapPolicy, actor: Actor, cap: number): boolean =>
  actor.kernelThread || (actor.holds(cap) && (onlycap.length === 0 || onlycap.includes(actor.label)))
