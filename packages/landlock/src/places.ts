/**
 * The refusals of a domain by place, remembered by directory: most questions are answered by the directory a file lies
 * in, without a walk. An answer is remembered until the tree changes its shape (`topology`): directories that are
 * renamed, mounts that come and go. Rules do not change it, for a domain's never change.
 */
import { S_IFDIR, S_IFMT } from '@lsmkit/abi'
import type { Dentry, LandlockTopology, Path, VfsMount } from '@lsmkit/core'
import type { InodeState } from './blobs.ts'
import type { Domain } from './domain.ts'
import { NOTHING_REFUSED } from './refusals.ts'
import type { Refusals } from './refusals.ts'
import { above, isBeyondRules, refusalsByWalk } from './walk.ts'
import type { InodeBlob, Place } from './walk.ts'

/** Decisions that a directory keeps, of as many domains and mounts. */
const KEPT = 4

const isDir = (dentry: Dentry): boolean => dentry.d_inode !== null && (dentry.d_inode.i_mode & S_IFMT) === S_IFDIR

export class Places {
  readonly #inodes: InodeBlob
  /** Null: changes are not reported, so nothing can be remembered. */
  readonly #topology: LandlockTopology | null
  /** Directories that were looked at because nothing was remembered of them. */
  misses = 0

  constructor(inodes: InodeBlob, topology: LandlockTopology | null) {
    this.#inodes = inodes
    this.#topology = topology
  }

  /** The refusals of the domain at `path`. */
  refusals(domain: Domain, path: Path): Refusals {
    if (this.#topology === null) return refusalsByWalk(this.#inodes, domain, path)
    const { mnt, dentry } = path
    if (isBeyondRules(dentry)) return NOTHING_REFUSED
    const inode = dentry.d_inode
    if (inode === null || isDir(dentry)) return this.#atDirectory(domain, mnt, dentry)
    const parent = dentry.d_parent
    const over =
      dentry !== mnt.mnt_root && parent !== null ? this.#atDirectory(domain, mnt, parent) : this.#over(domain, path)
    return domain.refine(over, this.#inodes(inode))
  }

  /** Above a file that is the root of a mount, or that has no name. */
  #over(domain: Domain, path: Path): Refusals {
    const next = above(path)
    if (next === 'top') return domain.initial
    return next === 'internal' ? NOTHING_REFUSED : this.#atDirectory(domain, next.mnt, next.dentry)
  }

  #atDirectory(domain: Domain, mnt: VfsMount, dentry: Dentry): Refusals {
    return this.#kept(domain, mnt, dentry) ?? this.#find(domain, { mnt, dentry })
  }

  #kept(domain: Domain, mnt: VfsMount, dentry: Dentry): Refusals | null {
    if (dentry.d_inode === null) return null
    const { version } = this.#topology!
    for (let at = this.#inodes(dentry.d_inode).kept; at !== null; at = at.next) {
      if (at.domain === domain && at.mnt === mnt && at.dentry === dentry && at.version === version) return at.refusals
    }
    return null
  }

  /** Walks up to the first directory with a remembered answer, and remembers it for all directories on the way. */
  #find(domain: Domain, from: Place): Refusals {
    const way: Place[] = [from]
    let refusals: Refusals | null = null
    while (refusals === null) {
      const next = above(way[way.length - 1]!)
      if (next === 'top') refusals = domain.initial
      else if (next === 'internal') refusals = NOTHING_REFUSED
      else {
        refusals = this.#kept(domain, next.mnt, next.dentry)
        if (refusals === null) way.push(next)
      }
    }
    for (let i = way.length - 1; i >= 0; i--) refusals = this.#keep(domain, way[i]!, refusals)
    return refusals
  }

  #keep(domain: Domain, { mnt, dentry }: Place, over: Refusals): Refusals {
    this.misses++
    if (dentry.d_inode === null) return over
    const state = this.#inodes(dentry.d_inode)
    const refusals = domain.refine(over, state)
    const { version } = this.#topology!
    state.kept = { domain, mnt, dentry, version, refusals, next: firstOf(state, version, KEPT - 1) }
    return refusals
  }
}

/** The newest decisions that still hold, cut off behind `count`. */
const firstOf = (state: InodeState, version: number, count: number): InodeState['kept'] => {
  const first = state.kept
  if (first === null || first.version !== version) return null
  let last = first
  for (let i = 1; i < count && last.next !== null; i++) last = last.next
  last.next = null
  return first
}
