/**
 * Decisions on directories that a task keeps for itself (since 6.16), so that a path walk does not look in the cache of
 * all. They are the policy's: what permissive mode lets the cache of all allow is refused here, and recorded, again.
 */
import { EACCES } from '@lsmkit/abi'
import type { Inode, Task } from '@lsmkit/core'
import { SECCLASS } from '../class-map.ts'
import { SECSID_NULL } from '../initial-sids.ts'
import { AVD_FLAGS_NEVERAUDIT, AVD_FLAGS_PERMISSIVE, AvDecision } from '../server/decision.ts'
import type { Avc } from './avc.ts'

/** A power of two. */
const SIZE = 4
const SILENT = AVD_FLAGS_PERMISSIVE | AVD_FLAGS_NEVERAUDIT

class Kept {
  sid = SECSID_NULL
  readonly decision = new AvDecision()
  /** What was recorded of the first question. */
  audited = 0
}

/** `avdcache` of `struct task_security_struct`. */
class KeptDecisions {
  readonly #kept = Array.from({ length: SIZE }, () => new Kept())
  #subject = SECSID_NULL
  #seqno = 0
  #spot = SIZE - 1

  /** Null: there is none, and what was kept under another domain or policy is forgotten. */
  find(subject: number, seqno: number, sid: number): Kept | null {
    if (this.#subject !== subject || this.#seqno !== seqno) {
      this.#subject = subject
      this.#seqno = seqno
      this.#spot = SIZE - 1
      for (const one of this.#kept) one.sid = SECSID_NULL
      return null
    }
    for (let i = 0; i < SIZE; i++) {
      const spot = (this.#spot - i) & (SIZE - 1)
      if (this.#kept[spot]!.sid !== sid) continue
      this.#spot = spot
      return this.#kept[spot]!
    }
    return null
  }

  /** The place of the oldest, for another. */
  add(sid: number): Kept {
    this.#spot = (this.#spot + 1) & (SIZE - 1)
    const kept = this.#kept[this.#spot]!
    kept.sid = sid
    return kept
  }
}

/** By task. Most questions come from the task that asked last. */
export class KeptByTask {
  readonly #all = new WeakMap<Task, KeptDecisions>()
  #last: Task | null = null
  #ofLast = new KeptDecisions()

  of(task: Task): KeptDecisions {
    if (task === this.#last) return this.#ofLast
    const kept = this.#all.get(task) ?? new KeptDecisions()
    this.#all.set(task, kept)
    this.#last = task
    this.#ofLast = kept
    return kept
  }
}

/** As `avc_audit_required`, of a decision that allows all of `perms` or refuses some of it. */
const auditedOf = ({ allowed, auditallow, auditdeny, flags }: AvDecision, perms: number, override: number): number => {
  const denied = perms & ~allowed
  if (denied === 0) return perms & auditallow
  if ((flags & SILENT) === SILENT || (override !== 0 && (override & auditdeny) === 0)) return 0
  return denied & auditdeny
}

/** How a release answers from what is kept: it records what it recorded at first, or what is asked now. */
export type Keeps = 'audited' | 'decision'

/** As `selinux_inode_permission` of a directory: 0 or -EACCES. `override` as of `hasPermUnless`. */
export const keptPerm = (
  avc: Avc, kept: KeptDecisions, keeps: Keeps, seqno: number, subject: number, sid: number, perms: number,
  override: number, inode: Inode,
): number => {
  const known = kept.find(subject, seqno, sid)
  const one = known ?? kept.add(sid)
  const { decision } = one
  if (known === null) avc.copyDecision(subject, sid, SECCLASS.dir, decision)
  const denied = perms & ~decision.allowed
  const isRefused = denied !== 0 && avc.enforcing && (decision.flags & AVD_FLAGS_PERMISSIVE) === 0
  // where refusals do not count, the cache of all learns to allow
  if (known === null && denied !== 0 && !isRefused) avc.hasPermNoAudit(subject, sid, SECCLASS.dir, perms)
  const rc = isRefused ? -EACCES : 0
  const audited = known !== null && keeps === 'audited' ? perms & one.audited : auditedOf(decision, perms, override)
  if (known === null) one.audited = audited
  if (audited !== 0) avc.record(subject, sid, SECCLASS.dir, audited, denied, rc, 'inode', inode)
  return rc
}
