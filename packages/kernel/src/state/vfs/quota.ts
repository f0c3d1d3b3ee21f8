/** Disk quotas of a super block: limits and use by user and by group. The checks are in dquot.ts. */

/** Time until a soft limit counts as a hard one, in seconds. */
const GRACE = 7 * 24 * 60 * 60

/** The first limits of an id that is met. */
export interface HardLimits {
  readonly block: number
  readonly inode: number
}

/** `struct dquot`: limits (0 for no limit), use, and when the grace period ends (0: not begun). Space is in bytes. */
export class Dquot {
  readonly id: number
  readonly kind: QuotaKind
  bhardlimit: number
  bsoftlimit = 0
  ihardlimit: number
  isoftlimit = 0
  curspace = 0
  curinodes = 0
  btime = 0
  itime = 0
  /** Inodes that count for it. */
  users = 0

  constructor(kind: QuotaKind, id: number) {
    this.kind = kind
    this.id = id
    this.bhardlimit = kind.defaults.block
    this.ihardlimit = kind.defaults.inode
  }

  /** Whether nothing is used and nothing was set, so that it need not be kept. */
  get isDefault(): boolean {
    const { block, inode } = this.kind.defaults
    const used = this.curspace !== 0 || this.curinodes !== 0 || this.bsoftlimit !== 0 || this.isoftlimit !== 0
    return !used && this.bhardlimit === block && this.ihardlimit === inode
  }
}

/** Quotas of users, or of groups, of one super block. */
export class QuotaKind {
  readonly defaults: HardLimits
  readonly dquots = new Map<number, Dquot>()
  bgrace = GRACE
  igrace = GRACE
  /** Limits are enforced; use is counted all the same. */
  enforced = true

  constructor(defaults: HardLimits) {
    this.defaults = defaults
  }

  get(id: number): Dquot {
    let dquot = this.dquots.get(id)
    if (dquot === undefined) this.dquots.set(id, (dquot = new Dquot(this, id)))
    return dquot
  }

  /** As `dqput`. */
  release(dquot: Dquot): void {
    if (dquot.users === 0 && dquot.isDefault) this.dquots.delete(dquot.id)
  }

  /** The dquot with the smallest id from `id` on. */
  next(id: number): Dquot | null {
    let best: Dquot | null = null
    for (const dquot of this.dquots.values())
      if (dquot.id >= id && (best === null || dquot.id < best.id)) best = dquot
    return best
  }
}

/** By kind: USRQUOTA, GRPQUOTA; null where nothing is counted. */
export type Quotas = readonly [QuotaKind | null, QuotaKind | null]
export type InodeDquots = [Dquot | null, Dquot | null]
