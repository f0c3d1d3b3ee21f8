/**
 * Nodes of kernfs, the tree behind cgroup2 and sysfs (fs/kernfs/dir.c). A node lives apart from inodes and names: it
 * keeps owner, mode and attributes while nobody looks, and what has it open finds out when it is removed.
 */
import { EEXIST, ENOMEM, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_ISGID } from '@lsmkit/abi'
import type { Inode, KernfsNode as LsmKernfsNode, SuperBlock } from '@lsmkit/core'
import { ChurnMap } from '../../churn-map.ts'
import { Holder } from '../../host-memory.ts'
import type { MemoryAccount } from '../../host-memory.ts'
import { COST } from '../../memory-costs.ts'
import type { Machine, Now } from '../../machine.ts'
import { firstWhere } from '../../sorted.ts'
import type { WaitQueue } from '../../vfs/wait.ts'
import type { SuperOperations } from '../driver.ts'
import type { KernfsOpenFile } from './file.ts'

/** What a file of a node does; without `read` or `write` it has none. */
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
}

export class KernfsNode extends Holder implements LsmKernfsNode {
  readonly root: KernfsRoot
  readonly id: number
  name: string
  parent: KernfsNode | null
  mode: number
  readonly xattrs = new Map<string, Uint8Array>()
  iattr: KernfsIattrs | null = null
  /** By name, in the order they were made; null for what is no directory. */
  readonly children: Map<string, KernfsNode> | null
  /** The same in a list, while it is being read and nothing changes. */
  private listed: readonly KernfsNode[] | null = null
  /** False once it has been removed. */
  active = true
  /** Nothing is ever in it but what is mounted there. */
  isEmptyDir = false
  subdirs = 0
  ops: KernfsOps = {}
  /** Of a link. */
  target: KernfsNode | null = null
  size = 0
  /** Changes of the contents that were told. */
  event = 0
  /** Who waits for more of them. */
  watchers: WaitQueue | null = null
  /** Whose node it is: the cgroup of a directory. */
  priv: object | null = null
  /** One for each super block that it has been looked at through. */
  readonly inodes = new Map<SuperBlock, Inode>()

  /** `account` has been charged with `held`. */
  constructor(
    account: MemoryAccount, held: number, root: KernfsRoot, parent: KernfsNode | null, name: string, mode: number,
  ) {
    super(account, held)
    this.root = root
    this.id = root.nextId++
    this.parent = parent
    this.name = name
    this.mode = mode
    this.children = (mode & S_IFMT) === S_IFDIR ? new ChurnMap() : null
  }

  addChild(kn: KernfsNode): void {
    this.children!.set(kn.name, kn)
    this.listed = null
  }

  removeChild(kn: KernfsNode): void {
    this.children!.delete(kn.name)
    this.listed = null
  }

  /** What is in the directory, by rising number, from one on. */
  *childrenFrom(id: number): Generator<KernfsNode> {
    const all = (this.listed ??= [...this.children!.values()])
    for (let i = firstWhere(all, (kn) => kn.id >= id); i < all.length; i++) yield all[i]!
  }

  /** Itself, its parent, and so on. */
  *ancestry(): Generator<KernfsNode> {
    for (let at: KernfsNode | null = this; at !== null; at = at.parent) yield at
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

export interface NodeOwner {
  readonly uid: number
  readonly gid: number
}
export const GLOBAL_ROOT: NodeOwner = { uid: 0, gid: 0 }

export class KernfsRoot {
  readonly rules: KernfsRules
  readonly node: KernfsNode
  nextId = 1
  private readonly byNumber = new Map<number, KernfsNode>()
  private readonly machine: Machine

  constructor(machine: Machine, rules: KernfsRules, priv: object | null = null) {
    this.machine = machine
    this.rules = rules
    this.node = new KernfsNode(machine.memory, 0, this, null, '', S_IFDIR | 0o555)
    this.node.priv = priv
    this.byNumber.set(this.node.id, this.node)
  }

  /** As `kernfs_find_and_get_node_by_id`. */
  byId(id: number): KernfsNode | null {
    return this.byNumber.get(id) ?? null
  }

  /** A directory; -ENOMEM when an LSM refuses it. */
  mkdir(parent: KernfsNode, name: string, mode = 0o755, owner = GLOBAL_ROOT): KernfsNode | number {
    const kn = this.make(parent, name, S_IFDIR | mode, owner)
    if (typeof kn !== 'number') parent.subdirs++
    return kn
  }

  create(parent: KernfsNode, name: string, mode: number, ops: KernfsOps, owner = GLOBAL_ROOT): KernfsNode | number {
    const kn = this.make(parent, name, S_IFREG | mode, owner)
    if (typeof kn !== 'number') kn.ops = ops
    return kn
  }

  symlink(parent: KernfsNode, name: string, target: KernfsNode): KernfsNode | number {
    const kn = this.make(parent, name, S_IFLNK | 0o777, GLOBAL_ROOT)
    if (typeof kn !== 'number') kn.target = target
    return kn
  }

  /** As `kernfs_new_node` and `kernfs_add_one`: LSMs label it before anybody sees it. */
  private make(parent: KernfsNode, name: string, mode: number, owner: NodeOwner): KernfsNode | number {
    let { gid } = owner
    if ((parent.mode & S_ISGID) !== 0) {
      gid = parent.iattr?.gid ?? gid
      if ((mode & S_IFMT) === S_IFDIR) mode |= S_ISGID
    }
    const { account } = this.machine
    const held = COST.kernfsNode + 2 * name.length
    if (!account.charge(held)) return -ENOMEM
    const kn = new KernfsNode(account, held, this, parent, name, mode)
    if (owner.uid !== 0 || gid !== 0) Object.assign(this.iattrs(kn), { uid: owner.uid, gid })
    const rc = this.add(kn, parent)
    if (rc === 0) return kn
    kn.release()
    return rc
  }

  private add(kn: KernfsNode, parent: KernfsNode): number {
    if (this.machine.lsm.kernfs_init_security.ask(parent, kn) !== 0) return -ENOMEM
    if (parent.children!.has(kn.name)) return -EEXIST
    parent.addChild(kn)
    this.byNumber.set(kn.id, kn)
    this.touch(parent)
    return 0
  }

  /** The node and all below it are gone. */
  remove(kn: KernfsNode): void {
    for (const child of [...(kn.children?.values() ?? [])]) this.remove(child)
    kn.active = false
    this.byNumber.delete(kn.id)
    kn.release()
    // after the call, which may still be at work with the name
    if (kn.inodes.size > 0) this.machine.callRcu(() => this.forgetNames(kn))
    const { parent } = kn
    if (parent === null) return
    parent.removeChild(kn)
    if (kn.children !== null) parent.subdirs--
    this.touch(parent)
  }

  /** Nobody will ever look the node up again. */
  private forgetNames({ inodes }: KernfsNode): void {
    for (const inode of [...inodes.values()]) this.machine.vfs.d_invalidate_alias(inode)
  }

  /** Its own owner and times, made when they are first needed. */
  iattrs(kn: KernfsNode): KernfsIattrs {
    if (kn.iattr !== null) return kn.iattr
    const now = { ...this.machine.now() }
    return (kn.iattr = { uid: 0, gid: 0, atime: now, mtime: now, ctime: now })
  }

  /** Names came or went; directories with default attributes tell no times. */
  private touch({ iattr }: KernfsNode): void {
    if (iattr !== null) iattr.mtime = iattr.ctime = { ...this.machine.now() }
  }
}
