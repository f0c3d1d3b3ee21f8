/** The root of a kernfs tree: it makes nodes, finds them by number and takes them away (fs/kernfs/dir.c). */
import { EEXIST, ENOMEM, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_ISGID } from '@lsmkit/abi'
import type { Machine } from '../../machine.ts'
import { COST } from '../../memory-costs.ts'
import { KernfsNode } from './node.ts'
import type { KernfsIattrs, KernfsOps, KernfsRules, KernfsTree } from './node.ts'

export interface NodeOwner {
  readonly uid: number
  readonly gid: number
}
export const GLOBAL_ROOT: NodeOwner = { uid: 0, gid: 0 }

export class KernfsRoot implements KernfsTree {
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
