/**
 * Nodes of kernfs, the tree behind cgroup2 and sysfs (fs/kernfs/dir.c). A node exists without an inode or a dentry: it
 * keeps owner, mode and attributes, and open files notice when it is removed.
 */
import { S_IFDIR, S_IFMT } from '@lsmkit/abi'
import type { File, Inode, KernfsNode as LsmKernfsNode, SuperBlock } from '@lsmkit/core'
import { ChurnMap } from '../churn-map.ts'
import type { Now } from '../clock.ts'
import { Holder } from '../host-memory.ts'
import type { MemoryAccount } from '../host-memory.ts'
import { firstWhere } from '../sorted.ts'
import type { WaitQueue } from '../vfs/wait.ts'
import type { SuperOperations } from '../vfs/driver.ts'

/** Operations of a node's file. Without `read` or `write` the file does not support the operation. */
export interface KernfsOps {
  /** The whole contents, or -errno. */
  readonly read?: (of: KernfsOpenFile) => string | number
  /** Takes a whole write, its text cut at a NUL: 0 or -errno. */
  readonly write?: (of: KernfsOpenFile, text: string) => number
  /** A longer write is refused; without it one is cut to a page. */
  readonly atomic_write_len?: number
}

/** Owner and times that are not the default ones (`struct kernfs_iattrs`). */
export interface KernfsIattrs {
  uid: number
  gid: number
  atime: Readonly<Now>
  mtime: Readonly<Now>
  ctime: Readonly<Now>
}

/** The rules of one tree. */
export interface KernfsRules {
  /** A name is made or removed by a program; without them that is refused. */
  readonly mkdir?: (parent: KernfsNode, name: string, mode: number) => number
  readonly rmdir?: (kn: KernfsNode) => number
  readonly super_ops?: Pick<Partial<SuperOperations>, 'show_options' | 'show_path'>
  /** Files open only as their mode says, whatever capabilities one has. */
  readonly extra_open_perm_check?: boolean
  readonly user_xattr?: boolean
  readonly exportop?: boolean
  /** The tree's own part of opening a file. */
  readonly opened?: (of: KernfsOpenFile) => void
}

/** The part of the tree that a node needs (root.ts). */
export interface KernfsTree {
  readonly rules: KernfsRules
  /** The number of the next node. */
  nextId: number
}

/** Files of a directory that get their nodes when the directory is first read (files.ts). */
export interface UnseenFiles {
  make(): void
  remove(): void
}

const NO_INODES: ReadonlyMap<SuperBlock, Inode> = new Map()

export class KernfsNode extends Holder implements LsmKernfsNode {
  readonly root: KernfsTree
  readonly id: number
  name: string
  parent: KernfsNode | null
  mode: number
  /** Null while there are none: most nodes have no attributes and no inode, and a kernel has many nodes. */
  #xattrs: Map<string, Uint8Array> | null = null
  iattr: KernfsIattrs | null = null
  readonly #made: Map<string, KernfsNode> | null
  #unmade: UnseenFiles[] | null = null
  /** The same in a list, while it is being read and nothing changes. */
  #listed: readonly KernfsNode[] | null = null
  /** False once it has been removed. */
  active = true
  /** A directory that is always empty, for mounts only. */
  isEmptyDir = false
  subdirs = 0
  ops: KernfsOps = {}
  /** The target of a link. */
  target: KernfsNode | null = null
  size = 0
  /** Number of changes of the contents that were notified. */
  event = 0
  /** Calls that wait for the next change. */
  watchers: WaitQueue | null = null
  /** The owner of the node: of a directory its cgroup. */
  priv: object | null = null
  #inodes: Map<SuperBlock, Inode> | null = null

  /** `account` has been charged with `held`; `id` unless it is the next. */
  constructor(
    account: MemoryAccount, held: number, root: KernfsTree, parent: KernfsNode | null, name: string, mode: number,
    id = root.nextId++,
  ) {
    super(account, held)
    this.root = root
    this.id = id
    this.parent = parent
    this.name = name
    this.mode = mode
    this.#made = (mode & S_IFMT) === S_IFDIR ? new ChurnMap() : null
  }

  /** To be changed: the map is made. */
  get xattrs(): Map<string, Uint8Array> {
    return (this.#xattrs ??= new Map())
  }

  xattr(name: string): Uint8Array | undefined {
    return this.#xattrs?.get(name)
  }

  xattrNames(): Iterable<string> {
    return this.#xattrs?.keys() ?? []
  }

  /** One for each super block that it has been looked at through. */
  get inodes(): ReadonlyMap<SuperBlock, Inode> {
    return this.#inodes ?? NO_INODES
  }

  addInode(inode: Inode): void {
    (this.#inodes ??= new Map()).set(inode.i_sb, inode)
  }

  dropInode(inode: Inode): void {
    this.#inodes?.delete(inode.i_sb)
  }

  get isDir(): boolean {
    return this.#made !== null
  }

  /** Children by name, in the order they were made; null if the node is not a directory. */
  get children(): Map<string, KernfsNode> | null {
    const unmade = this.#unmade
    if (unmade !== null) {
      this.#unmade = null
      for (const files of unmade) files.make()
    }
    return this.#made
  }

  /** The children that have nodes already. Only these are removed with the directory. */
  get nodes(): Iterable<KernfsNode> {
    return this.#made?.values() ?? []
  }

  addFiles(files: UnseenFiles): void {
    (this.#unmade ??= []).push(files)
    this.#listed = null
  }

  /** Removes a batch of files without nodes. */
  dropFiles(files: UnseenFiles): void {
    this.#unmade = this.#unmade?.filter((other) => other !== files) ?? null
    this.#listed = null
  }

  /** Batches of files without nodes. */
  get unseen(): readonly UnseenFiles[] {
    return this.#unmade ?? []
  }

  addChild(kn: KernfsNode): void {
    this.#made!.set(kn.name, kn)
    this.#listed = null
  }

  removeChild(kn: KernfsNode): void {
    this.#made!.delete(kn.name)
    this.#listed = null
  }

  /** The children with a number of at least `id`, in rising order. */
  *childrenFrom(id: number): Generator<KernfsNode> {
    const all = (this.#listed ??= [...this.children!.values()])
    for (let i = firstWhere(all, (kn) => kn.id >= id); i < all.length; i++) yield all[i]!
  }

  /** Itself, its parent, and so on. */
  *ancestry(): Generator<KernfsNode> {
    for (let at: KernfsNode | null = this; at !== null; at = at.parent) yield at
  }
}

/** `struct kernfs_open_file`. */
export class KernfsOpenFile {
  readonly kn: KernfsNode
  readonly file: File
  /** Data of the tree for the open file. */
  priv: unknown = null
  /** The change count at the last read. */
  event = 0
  /** The text that is being read. */
  text: Uint8Array | null = null

  constructor(kn: KernfsNode, file: File) {
    this.kn = kn
    this.file = file
  }
}

/** How many steps up from `from`, and by which names down again, `to` is. */
export const wayFrom = (
  from: KernfsNode, to: KernfsNode,
): { readonly up: number; readonly down: readonly string[] } => {
  const above = [...from.ancestry()]
  const chain = [...to.ancestry()]
  const common = above.find((kn) => chain.includes(kn))!
  return {
    up: above.indexOf(common),
    down: chain.slice(0, chain.indexOf(common)).reverse().map(({ name }) => name),
  }
}
