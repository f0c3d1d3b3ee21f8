/** Which parts of the tree guests may write, who made a link, and how far the link of somebody else may lead. */
import { S_IWGRP, S_IWOTH } from '@lsmkit/abi'
import { Kstat } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import type { WholeAllow } from '../allow.ts'
import { normalPath } from '../normal-path.ts'
import type { InodeNumbers } from './link-guard.ts'
import type { NamedPlaces } from './named-places.ts'
import { isBeneath } from './walk-name.ts'

/** The operation at the end of a name. */
export type Act = 'read' | 'write'

const keyOf = ({ dev, ino }: InodeNumbers): string => `${dev}:${ino}`

export class Reach {
  readonly #kernel: Kernel
  readonly #allow: WholeAllow | null
  readonly #places: NamedPlaces
  /** Where folders of the host are mounted. */
  readonly #folders: readonly string[]
  /** Links that `box.fs.symlink` has made, by device and inode number. The kernel gives no number twice. */
  readonly #ownLinks = new Set<string>()

  constructor(kernel: Kernel, allow: WholeAllow | null, places: NamedPlaces, folders: readonly string[]) {
    this.#kernel = kernel
    this.#allow = allow
    this.#places = places
    this.#folders = folders
  }

  /** Whether a guest may write what lies at `path`, a name without links. Where modules alone decide, by its modes. */
  isGuests(path: string): boolean {
    return this.#allow === null ? this.#isAnybodys(path) : this.#isBeneathAny(path, this.#allow.write)
  }

  /** The box has made the link at `path` itself. Links in a folder of the host stay foreign: its owner changes them. */
  noteOwnLink(path: string): void {
    const plain = normalPath(path)
    const numbers = this.#numbersOf(plain)
    if (numbers === null || this.#folders.some((folder) => isBeneath(plain, folder))) return
    this.#ownLinks.add(keyOf(numbers))
  }

  /**
   * Whether anybody but `box.fs` may have made the link. Where a link lies does not show that: the owner of a host
   * folder moves directories, and `box.fs` moves and copies what guests have made.
   */
  isForeignLink(link: InodeNumbers): boolean {
    return this.#allow === null || !this.#ownLinks.has(keyOf(link))
  }

  /** The same of the link at `path`, a name without other links. */
  isForeign(path: string): boolean {
    const numbers = this.#numbersOf(path)
    return numbers === null || this.isForeignLink(numbers)
  }

  /** Whether a foreign link may lead to `end`: only where guests may do the same themselves. */
  mayLead(end: string, act: Act): boolean {
    if (this.#allow === null) return false
    const { read, write, exec } = this.#allow
    return this.#isBeneathAny(end, act === 'write' ? write : [...read, ...write, ...exec])
  }

  #numbersOf(path: string): InodeNumbers | null {
    const stat = new Kstat()
    return this.#kernel.sys.lstat(this.#kernel.init, path, stat) === 0 ? { dev: stat.dev, ino: stat.ino } : null
  }

  #isBeneathAny(path: string, names: readonly string[]): boolean {
    return names.some((name) => isBeneath(path, this.#places.realOf(name)))
  }

  /** Whether anybody but root may change it, or a directory that leads to it. */
  #isAnybodys(path: string): boolean {
    const stat = new Kstat()
    const { sys, init } = this.#kernel
    for (let at = path; ; at = at.replace(/\/[^/]*$/, '')) {
      const rc = sys.lstat(init, at || '/', stat)
      if (rc === 0 && (stat.uid !== 0 || (stat.mode & (S_IWGRP | S_IWOTH)) !== 0)) return true
      if (at === '') return false
    }
  }
}
