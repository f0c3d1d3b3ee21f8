/** The pids controller (kernel/cgroup/pids.c): how many tasks a group and those below it have, and may have. */
import type { KernfsFiles } from '../kernfs/files.ts'
import type { KernfsNode } from '../kernfs/node.ts'

/** More can never be: PID_MAX_LIMIT and one. */
export const PIDS_MAX = 4 * 1024 * 1024 + 1

/** A group that counts its tasks: its node, and its files by controller; those of pids report failed forks. */
export interface CountingGroup {
  readonly kn: KernfsNode
  readonly files: ReadonlyMap<string | null, KernfsFiles>
}

export class Pids {
  readonly cgroup: CountingGroup
  /** Null for that of the root, which counts nothing. */
  readonly parent: Pids | null
  counter = 0
  watermark = 0
  limit = PIDS_MAX
  /** Forks that failed by the limit of this group or one below it; by its own; those made in it. */
  max = 0
  max_local = 0
  forkfail = 0

  constructor(cgroup: CountingGroup, parent: Pids | null) {
    this.cgroup = cgroup
    this.parent = parent
  }

  /** Itself and those above it that count. */
  *counting(): Generator<Pids> {
    for (let at: Pids = this; at.parent !== null; at = at.parent) yield at
  }

  /** Ignores the limit: moving a task never fails. */
  charge(tasks: number): void {
    for (const at of this.counting()) {
      at.counter += tasks
      at.watermark = Math.max(at.watermark, at.counter)
    }
  }

  uncharge(tasks: number): void {
    for (const at of this.counting()) at.counter -= tasks
  }

  /** Charges one task. If that is too many: the group whose limit is reached, with nothing charged. */
  tryCharge(): Pids | null {
    for (const at of this.counting()) if (at.counter + 1 > at.limit) return at
    this.charge(1)
    return null
  }
}
