/**
 * The access vector cache: remembers decisions of the security server and knows nothing of policy.
 *
 * Decisions lie in one Int32Array, four to a set, eight words each. An entry counts only while its epoch is the
 * cache's, so a flush is one addition.
 */
import { EACCES } from '@lsmkit/abi'
import { AVD_FLAGS_NEVERAUDIT, AVD_FLAGS_PERMISSIVE, AvDecision } from '../server/decision.ts'
import type { DecisionSource, XpermDecision } from '../server/decision.ts'
import type { AvcKind, AvcSource } from './audit-source.ts'
import { XpermNode } from './xperms.ts'

/** Another policy that is asked what it would refuse of that which is granted. It never throws. */
export interface Beside {
  /** The policy in force, or its booleans, may have changed. */
  renew(): void
  /** The permissions that it grants. */
  allowed(ssid: number, tsid: number, tclass: number): number
  report(ssid: number, tsid: number, tclass: number, permissions: number): void
  askCommand(
    ssid: number, tsid: number, tclass: number, requested: number, driver: number, base: number, xperm: number,
  ): void
}

/**
 * Takes what is to be recorded: of `requested` the permissions `audited`, which are refused ones when `denied` is not
 * 0. `rc` is the caller's result: 0 beside a refusal is permissive mode.
 */
export type AvcReport = <K extends AvcKind>(
  ssid: number, tsid: number, tclass: number, audited: number, denied: number, rc: number, kind: K,
  source: AvcSource<K>,
) => void

const EPOCH = 0
const SSID = 1
const TSID = 2
const TCLASS = 3
const ALLOWED = 4
const AUDITALLOW = 5
const AUDITDENY = 6
const FLAGS = 7
const WORDS = 8
/** Entries of a set. */
const WAYS = 4
const SET_WORDS = WORDS * WAYS
/** Room for so many decisions (the kernel's default is 512, in chains that are searched one by one). */
export const DEFAULT_THRESHOLD = 4096
const MAX_THRESHOLD = 1 << 20

/** Numbers of selinuxfs's avc/cache_stats. */
export interface AvcStats {
  lookups: number
  misses: number
  allocations: number
  reclaims: number
  frees: number
}

export class Avc {
  /** Refusals are refusals; otherwise they are recorded once each and allowed. */
  enforcing: boolean
  readonly stats: AvcStats = { lookups: 0, misses: 0, allocations: 0, reclaims: 0, frees: 0 }
  readonly #server: DecisionSource
  readonly #report: AvcReport
  /** Null while it is in use: what is recorded of a decision may lead to another one. */
  #spare: AvDecision | null = new AvDecision()
  #beside: Beside | null = null
  #words = new Int32Array(0)
  /**
   * Permissions of each entry that the policy grants and the one beside it would refuse. They are not in ALLOWED, so
   * the fast path needs no look at the policy beside.
   */
  #hidden = new Int32Array(0)
  #xperms: (XpermNode | null)[] = []
  #sets = 0
  #size = 0
  #epoch = 1
  #live = 0
  #hand = 0

  constructor(server: DecisionSource, report: AvcReport, enforcing: boolean, threshold = DEFAULT_THRESHOLD) {
    this.#server = server
    this.#report = report
    this.enforcing = enforcing
    this.resize(threshold)
  }

  /** The policy that is asked beside the one in force, or null. A change of it flushes the cache. */
  get beside(): Beside | null {
    return this.#beside
  }

  set beside(beside: Beside | null) {
    this.#beside = beside
    this.#hidden = new Int32Array(beside === null ? 0 : this.#sets * WAYS)
    this.flush()
  }

  /** The number of decisions that the cache may remember. */
  get threshold(): number {
    return this.#size
  }

  get entries(): number {
    return this.#live
  }

  /** Forgets all and makes room for `threshold` decisions, rounded up to a power of two, up to a million of them. */
  resize(threshold: number): void {
    this.#size = threshold
    const room = Math.min(Math.max(threshold, 1), MAX_THRESHOLD)
    this.#sets = 1
    while (this.#sets * WAYS < room * 2) this.#sets *= 2
    this.#words = new Int32Array(this.#sets * SET_WORDS)
    this.#xperms = Array.from({ length: this.#sets * WAYS }, () => null)
    if (this.#beside !== null) this.#hidden = new Int32Array(this.#sets * WAYS)
    this.flush()
  }

  /** Forgets every decision: a policy was loaded, a boolean committed, the mode changed. */
  flush(): void {
    this.#beside?.renew()
    this.stats.frees += this.#live
    this.#live = 0
    this.#epoch = (this.#epoch + 1) | 0
    if (this.#epoch !== 0) return
    this.#words.fill(0)
    this.#epoch = 1
  }

  /**
   * As `avc_has_perm`: 0 or -EACCES. Records what the policy wants recorded, with the object as `kind` and `source`.
   */
  hasPerm<K extends AvcKind>(
    ssid: number, tsid: number, tclass: number, requested: number, kind: K, source: AvcSource<K>,
  ): number {
    const at = this.#entryOf(ssid, tsid, tclass)
    const words = this.#words
    if ((requested & ~words[at + ALLOWED]!) === 0 && requested !== 0) {
      const audited = requested & words[at + AUDITALLOW]!
      if (audited !== 0) this.#report(ssid, tsid, tclass, audited, 0, 0, kind, source)
      return 0
    }
    return this.#refuse(at, requested, 0, kind, source)
  }

  /** Whether a decision may be kept elsewhere: not while each use of it counts. */
  get mayBeKept(): boolean {
    return this.#beside === null
  }

  /** The decision itself, for who keeps it; it has no refinements of commands. */
  copyDecision(ssid: number, tsid: number, tclass: number, to: AvDecision): void {
    const at = this.#entryOf(ssid, tsid, tclass)
    const words = this.#words
    to.allowed = words[at + ALLOWED]!
    to.auditallow = words[at + AUDITALLOW]!
    to.auditdeny = words[at + AUDITDENY]!
    to.flags = words[at + FLAGS]!
  }

  /** Reports what somebody who keeps a decision has found. */
  record<K extends AvcKind>(
    ssid: number, tsid: number, tclass: number, audited: number, denied: number, rc: number, kind: K,
    source: AvcSource<K>,
  ): void {
    this.#report(ssid, tsid, tclass, audited, denied, rc, kind, source)
  }

  /** As `avc_has_perm_noaudit`. */
  hasPermNoAudit(ssid: number, tsid: number, tclass: number, requested: number): number {
    const at = this.#entryOf(ssid, tsid, tclass)
    if ((requested & ~this.#words[at + ALLOWED]!) === 0 && requested !== 0) return 0
    const hidden = this.#hiddenOf(at) & requested
    if (hidden === 0 || (requested & ~(this.#words[at + ALLOWED]! | hidden)) !== 0) return this.#answer(at, requested)
    this.#beside!.report(ssid, tsid, tclass, hidden)
    return 0
  }

  /** As `hasPerm`, but a refusal is not recorded where `override` is not audited either: access(2) asks so. */
  hasPermUnless<K extends AvcKind>(
    ssid: number, tsid: number, tclass: number, requested: number, override: number, kind: K, source: AvcSource<K>,
  ): number {
    const at = this.#entryOf(ssid, tsid, tclass)
    const words = this.#words
    if ((requested & ~words[at + ALLOWED]!) === 0 && requested !== 0) {
      const audited = requested & words[at + AUDITALLOW]!
      if (audited !== 0) this.#report(ssid, tsid, tclass, audited, 0, 0, kind, source)
      return 0
    }
    return this.#refuse(at, requested, override, kind, source)
  }

  /**
   * As `avc_has_extended_perms`: `requested` and, where the policy refines it, the command `driver << 8 | xperm` of
   * the base permission `base` (XPERM_IOCTL, XPERM_NLMSG).
   */
  hasExtendedPerms<K extends AvcKind>(
    ssid: number, tsid: number, tclass: number, requested: number, driver: number, base: number, xperm: number,
    kind: K, source: AvcSource<K>,
  ): number {
    const at = this.#entryOf(ssid, tsid, tclass)
    const words = this.#words
    const node = this.#xperms[at / WORDS]!
    let allowed = words[at + ALLOWED]! | this.#hiddenOf(at)
    let found: XpermDecision | null = null
    if (node !== null) {
      found = node.decisionOf(this.#server, ssid, tsid, tclass, driver, base)
      if (found === null || !XpermNode.has(found.allowed, xperm)) allowed &= ~requested
    }
    const denied = requested & ~allowed
    if (denied === 0) {
      const isAudited = found === null || XpermNode.has(found.auditallow, xperm)
      const audited = isAudited ? requested & words[at + AUDITALLOW]! : 0
      this.#beside?.askCommand(ssid, tsid, tclass, requested, driver, base, xperm)
      if (audited !== 0) this.#report(ssid, tsid, tclass, audited, 0, 0, kind, source)
      return 0
    }
    let audited = this.#isSilent(at) ? 0 : denied & words[at + AUDITDENY]!
    if (audited !== 0 && found !== null && XpermNode.has(found.dontaudit, xperm)) audited &= ~requested
    const rc = this.#answer(at, requested)
    if (rc === 0) node?.allow(driver, base, xperm)
    if (audited !== 0) this.#report(ssid, tsid, tclass, audited, denied, rc, kind, source)
    return rc
  }

  /** Entries in use, sets in use, sets, most in one set: selinuxfs's avc/hash_stats. */
  occupancy(): { entries: number; used: number; sets: number; longest: number } {
    let used = 0
    let longest = 0
    for (let set = 0; set < this.#sets; set++) {
      let chain = 0
      for (let way = 0; way < WAYS; way++) if (this.#words[set * SET_WORDS + way * WORDS] === this.#epoch) chain++
      if (chain > 0) used++
      longest = Math.max(longest, chain)
    }
    return { entries: this.#live, used, sets: this.#sets, longest }
  }

  /** Place of the entry, decided now when it was not there. */
  #entryOf(ssid: number, tsid: number, tclass: number): number {
    const words = this.#words
    const epoch = this.#epoch
    this.stats.lookups++
    const base = this.#setOf(ssid, tsid, tclass)
    for (let at = base; at < base + SET_WORDS; at += WORDS) {
      if (
        words[at + SSID] === ssid && words[at + TSID] === tsid && words[at + TCLASS] === tclass &&
        words[at + EPOCH] === epoch
      ) {
        return at
      }
    }
    return this.#decide(ssid, tsid, tclass)
  }

  #setOf(ssid: number, tsid: number, tclass: number): number {
    let hash = Math.imul(ssid, 0x9e3779b1) ^ Math.imul(tsid, 0x85ebca6b) ^ Math.imul(tclass, 0xc2b2ae35)
    hash ^= hash >>> 15
    return (hash & (this.#sets - 1)) * SET_WORDS
  }

  /**
   * The reporter of a decision may load a policy during the call: the old policy's decision counts for this call alone.
   */
  #decide(ssid: number, tsid: number, tclass: number): number {
    const epoch = this.#epoch
    const decision = this.#spare ?? new AvDecision()
    this.#spare = null
    this.stats.misses++
    this.#server.computeAv(ssid, tsid, tclass, decision)
    const at = this.#place(this.#setOf(ssid, tsid, tclass))
    const words = this.#words
    words[at + EPOCH] = epoch
    words[at + SSID] = ssid
    words[at + TSID] = tsid
    words[at + TCLASS] = tclass
    words[at + ALLOWED] = decision.allowed
    words[at + AUDITALLOW] = decision.auditallow
    words[at + AUDITDENY] = decision.auditdeny
    words[at + FLAGS] = decision.flags
    this.#xperms[at / WORDS] = decision.xperms.len === 0 ? null : new XpermNode(decision.xperms)
    this.#spare = decision
    if (this.#beside !== null) this.#hide(at, this.#beside)
    return at
  }

  #hide(at: number, beside: Beside): void {
    const words = this.#words
    const hidden = words[at + ALLOWED]! & ~beside.allowed(words[at + SSID]!, words[at + TSID]!, words[at + TCLASS]!)
    this.#hidden[at / WORDS] = hidden
    words[at + ALLOWED]! &= ~hidden
  }

  #hiddenOf(at: number): number {
    return this.#beside === null ? 0 : this.#hidden[at / WORDS]!
  }

  /** A free place of the set, or the next one round. */
  #place(base: number): number {
    this.stats.allocations++
    for (let at = base; at < base + SET_WORDS; at += WORDS) {
      if (this.#words[at + EPOCH] === this.#epoch) continue
      this.#live++
      return at
    }
    this.stats.reclaims++
    this.stats.frees++
    this.#hand = (this.#hand + 1) % WAYS
    return base + this.#hand * WORDS
  }

  #refuse<K extends AvcKind>(
    at: number, requested: number, override: number, kind: K, source: AvcSource<K>,
  ): number {
    const words = this.#words
    const hidden = this.#hiddenOf(at) & requested
    const denied = requested & ~(words[at + ALLOWED]! | hidden)
    if (hidden !== 0 && denied === 0) return this.#grant(at, requested, hidden, kind, source)
    const auditdeny = words[at + AUDITDENY]!
    const isAudited = !this.#isSilent(at) && (override === 0 || (override & auditdeny) !== 0)
    const audited = isAudited ? denied & auditdeny : 0
    const ssid = words[at + SSID]!
    const tsid = words[at + TSID]!
    const tclass = words[at + TCLASS]!
    const rc = this.#answer(at, requested)
    if (audited !== 0) this.#report(ssid, tsid, tclass, audited, denied, rc, kind, source)
    return rc
  }

  /** Granted, though the policy beside would refuse `hidden`. */
  #grant<K extends AvcKind>(at: number, requested: number, hidden: number, kind: K, source: AvcSource<K>): number {
    const words = this.#words
    const [ssid, tsid, tclass] = [words[at + SSID]!, words[at + TSID]!, words[at + TCLASS]!]
    const audited = requested & words[at + AUDITALLOW]!
    this.#beside!.report(ssid, tsid, tclass, hidden)
    if (audited !== 0) this.#report(ssid, tsid, tclass, audited, 0, 0, kind, source)
    return 0
  }

  /** As `avc_denied`: where refusals do not count, the entry learns to allow, so that each is recorded once. */
  #answer(at: number, requested: number): number {
    const words = this.#words
    if (requested === 0) return -EACCES
    if (this.enforcing && (words[at + FLAGS]! & AVD_FLAGS_PERMISSIVE) === 0) return -EACCES
    words[at + ALLOWED]! |= requested & ~this.#hiddenOf(at)
    return 0
  }

  /** A permissive domain that is never audited. */
  #isSilent(at: number): boolean {
    const flags = AVD_FLAGS_PERMISSIVE | AVD_FLAGS_NEVERAUDIT
    return (this.#words[at + FLAGS]! & flags) === flags
  }
}
