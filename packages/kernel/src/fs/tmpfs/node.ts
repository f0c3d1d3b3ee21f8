/** State of tmpfs inodes and super blocks (struct shmem_inode_info, shmem_sb_info). */
import { XATTR_SECURITY_PREFIX } from '@lsmkit/abi'
import type { Dentry, Inode, SuperBlock } from '@lsmkit/core'
import { COST } from '../../state/memory-costs.ts'
import { LinkedList } from '../../state/vfs/linked-list.ts'
import type { ListNode } from '../../state/vfs/linked-list.ts'
import { byteLength } from '../../state/vfs/names.ts'
import { inodeState, superState } from '../../state/vfs/state.ts'
import { BOGO_INODE_SIZE } from '../../state/ceiling.ts'
import type { Ceiling } from '../../state/ceiling.ts'
import { OffsetMap } from './offset-map.ts'
import type { Pages } from './pages.ts'
import { NO_LIMITS } from './quota-options.ts'
import type { QuotaLimits } from './quota-options.ts'
import type { SimpleXattrs } from './simple-xattrs.ts'

/** A name of a directory with its cookie. */
export class DirPlace {
  readonly dentry: Dentry
  readonly offset: number

  constructor(dentry: Dentry, offset: number) {
    this.dentry = dentry
    this.offset = offset
  }
}

/** Up to this many names are searched one by one. */
const FEW_NAMES = 64

/** The names of a directory: oldest first, and by cookie once they are many. */
export class DirNames {
  readonly inOrder = new LinkedList<DirPlace>()
  #byOffset: OffsetMap<ListNode<DirPlace>> | null = null

  add(place: DirPlace): ListNode<DirPlace> {
    const node = this.inOrder.add(place)
    if (this.#byOffset !== null) this.#byOffset.set(place.offset, node)
    else if (this.inOrder.size > FEW_NAMES) {
      this.#byOffset = new OffsetMap()
      for (const each of this.inOrder.nodes()) this.#byOffset.set(each.value.offset, each)
    }
    return node
  }

  remove(node: ListNode<DirPlace>): void {
    this.inOrder.remove(node)
    this.#byOffset?.delete(node.value.offset)
  }

  /** The name with the highest cookie that is not beyond `pos`. */
  atOrBelow(pos: number): ListNode<DirPlace> | null {
    if (this.#byOffset !== null) return this.#byOffset.atOrBelow(pos)
    let best: ListNode<DirPlace> | null = null
    for (const node of this.inOrder.nodes()) {
      const { offset } = node.value
      if (offset <= pos && (best === null || offset > best.value.offset)) best = node
    }
    return best
  }
}

export class TmpfsNode {
  /** Contents of a regular file, and of a link with a long text. */
  pages: Pages | null
  /** Extended attributes by full name; null: never had any. */
  xattrs: SimpleXattrs | null = null
  /** F_SEAL_*: a file with a name is sealed against sealing. */
  seals = 1
  /** FS_*_FL of chattr. */
  fsflags = 0
  readonly crtime_sec: number
  readonly crtime_nsec: number
  /** Cookie of the next name made in this directory. */
  nextOffset = 3
  /** Its names; null: it never had any. */
  names: DirNames | null = null

  constructor(pages: Pages | null, sec: number, nsec: number) {
    this.pages = pages
    this.crtime_sec = sec
    this.crtime_nsec = nsec
  }
}

export class TmpfsSuper {
  /** Limits in pages and inodes; Infinity for no limit. */
  max_blocks = Infinity
  max_inodes = Infinity
  #blocks = 0
  #ispace = 0
  // options as /proc/mounts shows them
  mode = 0o1777
  uid = 0
  gid = 0
  full_inums = true
  noswap = false
  quotaLimits: QuotaLimits = NO_LIMITS
  /** The limit of all file systems in memory together. */
  readonly #ceiling: Ceiling

  constructor(ceiling: Ceiling) {
    this.#ceiling = ceiling
  }

  get used_blocks(): number {
    return this.#blocks
  }
  set used_blocks(pages: number) {
    this.#ceiling.pages += pages - this.#blocks
    this.#blocks = pages
  }

  /** Bytes of inodes, further names and attributes. */
  get used_ispace(): number {
    return this.#ispace
  }
  set used_ispace(bytes: number) {
    this.#ceiling.ispace += bytes - this.#ispace
    this.#ispace = bytes
  }

  /** As `shmem_reserve_inode`: takes bytes of inodes; false if they exceed the limit. */
  reserve(bytes: number): boolean {
    if (this.#ispace + bytes > this.max_inodes * BOGO_INODE_SIZE || !this.#ceiling.hasIspace(bytes)) return false
    this.used_ispace += bytes
    return true
  }
  uuid: Uint8Array | null = null

  /** True if `pages` more fit. */
  hasRoom(pages: number): boolean {
    return this.#blocks + pages <= this.max_blocks && this.#ceiling.hasPages(pages)
  }
}

export const tmpfsNode = (inode: Inode): TmpfsNode => inodeState(inode).fs as TmpfsNode
export const tmpfsSuper = (sb: SuperBlock): TmpfsSuper => superState(sb).fs as TmpfsSuper

/** As `simple_xattr_space`. */
export const xattrSpace = (nameBytes: number, value: Uint8Array): number => 40 + nameBytes + value.length

/** Bytes of the host's heap. */
export const xattrMemory = (name: string, value: Uint8Array): number => COST.xattr + 2 * name.length + value.length

/** Attributes that LSMs give new files, by the name behind `security.`: full name and its bytes. */
const labels = new Map<string, { readonly name: string; readonly bytes: number }>()
const MOST_LABELS = 64

/** Made once for each, because all files have the same few. */
export const labelName = (suffix: string): { readonly name: string; readonly bytes: number } => {
  const known = labels.get(suffix)
  if (known !== undefined) return known
  if (labels.size >= MOST_LABELS) labels.clear()
  const name = XATTR_SECURITY_PREFIX + suffix
  const made = { name, bytes: byteLength(name) }
  labels.set(suffix, made)
  return made
}
