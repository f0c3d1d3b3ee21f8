/**
 * Files that one snapshot has read and the next need not read again: those whose inodes have not changed since. They
 * are known for as long as the earlier snapshot is in memory, and nothing holds it for their sake.
 */
import type { Kstat } from '@lsmkit/kernel'

export interface FileContents {
  /** Contents of a file, target of a link, number of a device. */
  readonly data: Uint8Array | string | number | null
  readonly attributes: readonly (readonly [name: string, value: Uint8Array])[]
}

interface Known {
  readonly contents: FileContents
  readonly size: number
  readonly ctime_sec: number
  readonly ctime_nsec: number
}
type KnownByInode = Map<string, Known>

/**
 * Milliseconds: many ticks of the clock. A file that has changed so lately may change again at the same time by the
 * clock. A clock that has been set back by more than that makes all files unknown.
 */
const LATELY = 20

/** Taken when the module is loaded: scripts of a shell may be kept from clocks later. */
const steadyTime = performance.now.bind(performance)

const isSame = (known: Known, { size, ctime_sec, ctime_nsec }: Kstat): boolean =>
  known.size === size && known.ctime_sec === ctime_sec && known.ctime_nsec === ctime_nsec

export class KnownFiles {
  readonly #now: () => number
  /** The parts of the last snapshot. */
  #last: WeakRef<object> | null = null
  readonly #byInode = new WeakMap<object, KnownByInode>()
  #earlier: KnownByInode | undefined
  #found: KnownByInode = new Map()
  #began = 0
  readonly #steady: () => number
  /** Of the clock of inodes over the steady one. */
  #lead = 0

  /** In milliseconds. `now`: the clock that inodes are stamped with; `steady`: one that nobody sets. */
  constructor(now: () => number, steady: () => number = steadyTime) {
    this.#now = now
    this.#steady = steady
  }

  begin(): void {
    this.#began = this.#now()
    const lead = this.#began - this.#steady()
    if (Math.abs(lead - this.#lead) > LATELY) {
      this.#lead = lead
      this.#last = null
    }
    const last = this.#last?.deref()
    this.#earlier = last === undefined ? undefined : this.#byInode.get(last)
    this.#found = new Map()
  }

  /** The contents of the file with this status, as the earlier snapshot has them; else as `read` finds them. */
  contents(inode: string, stat: Kstat, read: () => FileContents): FileContents {
    const { size, ctime_sec, ctime_nsec } = stat
    const known = this.#earlier?.get(inode)
    if (known !== undefined && isSame(known, stat)) {
      this.#found.set(inode, known)
      return known.contents
    }
    const contents = read()
    if (ctime_sec * 1000 + ctime_nsec / 1e6 < this.#began - LATELY) {
      this.#found.set(inode, { contents, size, ctime_sec, ctime_nsec })
    }
    return contents
  }

  /** `entries`: the array that the snapshot consists of. */
  end(entries: readonly object[]): void {
    this.#byInode.set(entries, this.#found)
    this.#last = new WeakRef(entries)
    this.#earlier = undefined
    this.#found = new Map()
  }
}
