/** Which parts of the tree guests may write, and how far a link that was made there may lead the box's own hand. */
import { S_IWGRP, S_IWOTH } from '@lsmkit/abi'
import { Kstat } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import type { WholeAllow } from '../allow.ts'
import type { NamedPlaces } from './named-places.ts'
import { isBeneath } from './walk-name.ts'

/** The operation at the end of a name. */
export type Act = 'read' | 'write'

export class Reach {
  readonly #kernel: Kernel
  readonly #allow: WholeAllow | null
  readonly #places: NamedPlaces
  /** Where folders of the host are mounted. */
  readonly #folders: readonly string[]

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

  /** Whether somebody else may have made the link at `path`: a guest, or the owner of a folder of the host. */
  isForeign(path: string): boolean {
    return this.#allow === null || this.isGuests(path) || this.#folders.some((folder) => isBeneath(path, folder))
  }

  /**
   * Whether a foreign link may lead to `end`: only where guests may do the same themselves. That holds within one
   * folder of the host too: its owner moves directories, so where a link lies now does not show who made it.
   */
  mayLead(end: string, act: Act): boolean {
    if (this.#allow === null) return false
    const { read, write, exec } = this.#allow
    return this.#isBeneathAny(end, act === 'write' ? write : [...read, ...write, ...exec])
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
