/** States that names of files have led to of late, by file: most files are opened again and again. */
import type { Dentry, VfsMount } from '@lsmkit/core'

export interface KnownName {
  readonly dentry: Dentry
  readonly mnt: VfsMount
  /** A slash is behind it. */
  readonly slash: boolean
  /** The parts of the name, the last one first. */
  readonly parts: readonly string[]
  readonly state: number
}

/** Files that are known at a time; a power of two. */
const SLOTS = 256

export class KnownNames {
  /** By the low bits of the inode number. */
  readonly #slots: (KnownName | null)[] = Array.from({ length: SLOTS }, () => null)

  /** Of this file, seen through this mount; whether its name is still the same is not looked at. */
  of(ino: number, dentry: Dentry, mnt: VfsMount, slash: boolean): KnownName | null {
    const known = this.#slots[ino & (SLOTS - 1)]!
    return known !== null && known.dentry === dentry && known.mnt === mnt && known.slash === slash ? known : null
  }

  keep(ino: number, known: KnownName): void {
    this.#slots[ino & (SLOTS - 1)] = known
  }
}
