/**
 * The inodes that rules name. They stay in memory, with their identity, until the last rule or their file system
 * ends.
 */
import type { BlobAccessor, Inode, LandlockHost, SuperBlock } from '@lsmkit/core'

/** An inode as rules see it (`struct landlock_object`). */
export class NamedInode {
  readonly inode: Inode
  /** Rule tables that name it; they hold the inode. */
  tables = 0
  /** Its file system has been taken down. */
  isGone = false

  constructor(inode: Inode) {
    this.inode = inode
  }
}

/** `struct landlock_superblock_security`: the inodes of a file system that rules name. */
export class SuperState {
  readonly named = new Set<NamedInode>()
}

export class NamedInodes {
  readonly host: LandlockHost
  readonly #supers: BlobAccessor<SuperBlock, SuperState>

  constructor(host: LandlockHost, supers: BlobAccessor<SuperBlock, SuperState>) {
    this.host = host
    this.#supers = supers
  }

  /** One table more names it. */
  hold(object: NamedInode): void {
    if (object.tables++ > 0) return
    this.host.ihold(object.inode)
    this.#supers(object.inode.i_sb).named.add(object)
  }

  letGo(object: NamedInode): void {
    if (--object.tables > 0 || object.isGone) return
    this.#supers(object.inode.i_sb).named.delete(object)
    this.host.iput(object.inode)
  }

  /** As `hook_sb_delete`: rules on a file system that is taken down come to nothing. */
  forget(sb: SuperBlock): void {
    const { named } = this.#supers(sb)
    for (const object of named) {
      object.isGone = true
      this.host.iput(object.inode)
    }
    named.clear()
  }
}
