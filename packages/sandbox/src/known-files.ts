/**
 * Files that one snapshot has read and the next need not read again: those whose inodes have not changed since. They
 * are known for as long as the earlier snapshot is in memory, and nothing holds it for their sake.
 */
import type { Kstat } from '@lsmkit/kernel'
import type { Snapshot, SnapshotEntry } from './snapshot.ts'

interface Known {
  readonly entry: Pick<SnapshotEntry, 'data' | 'attributes'>
  readonly size: number
  readonly ctime_sec: number
  readonly ctime_nsec: number
}
type KnownByInode = Map<string, Known>

/** Milliseconds. A file that has changed so lately may change again at the same time by the clock. */
const LATELY = 2000

const isSame = (known: Known, { size, ctime_sec, ctime_nsec }: Kstat): boolean =>
  known.size === size && known.ctime_sec === ctime_sec && known.ctime_nsec === ctime_nsec

export class KnownFiles {
  readonly #now: () => number
  #last: WeakRef<Snapshot['entries']> | null = null
  readonly #byInode = new WeakMap<Snapshot['entries'], KnownByInode>()
  #earlier: KnownByInode | undefined
  #found: KnownByInode = new Map()
  #began = 0

  /** `now`: the clock that inodes are stamped with, in milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  begin(): void {
    const last = this.#last?.deref()
    this.#earlier = last === undefined ? undefined : this.#byInode.get(last)
    this.#found = new Map()
    this.#began = this.#now()
  }

  /** What is in the file with this status, as the earlier snapshot has it; else as `read` finds it. */
  contents(inode: string, stat: Kstat, read: () => Known['entry']): Known['entry'] {
    const { size, ctime_sec, ctime_nsec } = stat
    const known = this.#earlier?.get(inode)
    if (known !== undefined && isSame(known, stat)) {
      this.#found.set(inode, known)
      return known.entry
    }
    const entry = read()
    if (ctime_sec * 1000 + ctime_nsec / 1e6 < this.#began - LATELY) {
      this.#found.set(inode, { entry, size, ctime_sec, ctime_nsec })
    }
    return entry
  }

  end(snapshot: Snapshot): Snapshot {
    this.#byInode.set(snapshot.entries, this.#found)
    this.#last = new WeakRef(snapshot.entries)
    this.#earlier = undefined
    this.#found = new Map()
    return snapshot
  }
}
