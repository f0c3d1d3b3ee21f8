/** The root of a kernfs tree: it makes nodes, finds them by number and takes them away (fs/kernfs/dir.c). */
import { EEXIST, ENOMEM, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_ISGID } from '@lsmkit/abi'
import { isUnused } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { COST } from '../../state/memory-costs.ts'
import { kernfs_notify } from './file.ts'
import { KernfsFiles } from '../../state/kernfs/files.ts'
import type { FileSpec } from '../../state/kernfs/files.ts'
import { KernfsNode } from '../../state/kernfs/node.ts'
import type { KernfsIattrs, KernfsOps, KernfsRules, KernfsTree } from '../../state/kernfs/node.ts'

export interface NodeOwner {
  readonly uid: number
  readonly gid: number
}
export const GLOBAL_ROOT: NodeOwner = { uid: 0, gid: 0 }

/** Bytes of the host's heap that a node is charged. */
const heldBy = ({ name }: { readonly name: string }): number => COST.kernfsNode + 2 * name.length

export class KernfsRoot implements KernfsTree {
  readonly rules: KernfsRules
  readonly node: KernfsNode
  nextId = 1
  readonly #byNumber = new Map<number, KernfsNode>()
  /** Files whose nodes are not made yet. */
  readonly #unseen = new Set<KernfsFiles>()
  readonly #machine: Machine

  constructor(machine: Machine, rules: KernfsRules, priv: object | null = null) {
    this.#machine = machine
    this.rules = rules
    this.node = new KernfsNode(machine.memory, 0, this, null, '', S_IFDIR | 0o555)
    this.node.priv = priv
    this.#byNumber.set(this.node.id, this.node)
  }

  /** As `kernfs_find_and_get_node_by_id`; makes nodes that were put off. */
  byId(id: number): KernfsNode | null {
    const known = this.#byNumber.get(id)
    if (known !== undefined || id >= this.nextId) return known ?? null
    for (const { dir, firstId, specs } of this.#unseen) {
      if (id < firstId || id >= firstId + specs.length) continue
      void dir.children
      return this.#byNumber.get(id) ?? null
    }
    return null
  }

  /** A directory; -ENOMEM if an LSM refuses it. */
  mkdir(parent: KernfsNode, name: string, mode = 0o755, owner = GLOBAL_ROOT): KernfsNode | number {
    const kn = this.#make(parent, name, S_IFDIR | mode, owner)
    if (typeof kn !== 'number') parent.subdirs++
    return kn
  }

  create(parent: KernfsNode, name: string, mode: number, ops: KernfsOps, owner = GLOBAL_ROOT): KernfsNode | number {
    const kn = this.#make(parent, name, S_IFREG | mode, owner)
    if (typeof kn !== 'number') kn.ops = ops
    return kn
  }

  /**
   * Creates files of a directory, all or none. If a module uses the hook, it sees each node as it is made; otherwise
   * nodes are made when they are first looked up.
   */
  createAll(parent: KernfsNode, specs: readonly FileSpec[], owner = GLOBAL_ROOT): KernfsFiles | number {
    const later = isUnused(this.#machine.lsm.kernfs_init_security) && !this.#hasAny(parent, specs)
    return later ? this.#createLater(parent, specs, owner) : this.#createNow(parent, specs, owner)
  }

  #hasAny(parent: KernfsNode, specs: readonly FileSpec[]): boolean {
    for (const kn of parent.nodes) if (specs.some(({ name }) => name === kn.name)) return true
    return false
  }

  #createLater(parent: KernfsNode, specs: readonly FileSpec[], owner: NodeOwner): KernfsFiles | number {
    let held = 0
    for (const spec of specs) held += heldBy(spec)
    const { account } = this.#machine
    if (!account.charge(held)) return -ENOMEM
    const files = new KernfsFiles(account, held, this, parent, specs, this.nextId, this.#firstIattrs(parent, owner))
    this.nextId += specs.length
    parent.addFiles(files)
    this.#unseen.add(files)
    this.#touch(parent)
    return files
  }

  #createNow(parent: KernfsNode, specs: readonly FileSpec[], owner: NodeOwner): KernfsFiles | number {
    const made: KernfsNode[] = []
    for (const { name, mode, ops } of specs) {
      const kn = this.create(parent, name, mode, ops, owner)
      if (typeof kn === 'number') {
        for (const other of made) this.remove(other)
        return kn
      }
      made.push(kn)
    }
    return new KernfsFiles(this.#machine.account, 0, this, parent, specs, 0, null, made)
  }

  /** Makes one node of a batch later. No LSM used the hook when the batch was made, so no LSM is asked now. */
  born({ dir, account, iattr }: KernfsFiles, spec: FileSpec, id: number): KernfsNode {
    const kn = new KernfsNode(account, heldBy(spec), this, dir, spec.name, S_IFREG | spec.mode, id)
    if (iattr !== null) kn.iattr = { ...iattr }
    kn.ops = spec.ops
    dir.addChild(kn)
    this.#byNumber.set(id, kn)
    return kn
  }

  notify(kn: KernfsNode): void {
    kernfs_notify(this.#machine, kn)
  }

  seen(files: KernfsFiles): void {
    this.#unseen.delete(files)
  }

  symlink(parent: KernfsNode, name: string, target: KernfsNode): KernfsNode | number {
    const kn = this.#make(parent, name, S_IFLNK | 0o777, GLOBAL_ROOT)
    if (typeof kn !== 'number') kn.target = target
    return kn
  }

  /** As `kernfs_new_node` and `kernfs_add_one`: LSMs label the node before it is visible. */
  #make(parent: KernfsNode, name: string, mode: number, owner: NodeOwner): KernfsNode | number {
    if ((parent.mode & S_ISGID) !== 0 && (mode & S_IFMT) === S_IFDIR) mode |= S_ISGID
    const { account } = this.#machine
    const held = heldBy({ name })
    if (!account.charge(held)) return -ENOMEM
    const kn = new KernfsNode(account, held, this, parent, name, mode)
    kn.iattr = this.#firstIattrs(parent, owner)
    const rc = this.#add(kn, parent)
    if (rc === 0) return kn
    kn.release()
    return rc
  }

  /** Attributes of a new node in `parent`; null if they are the default ones. */
  #firstIattrs({ mode, iattr }: KernfsNode, { uid, gid: own }: NodeOwner): KernfsIattrs | null {
    const gid = (mode & S_ISGID) === 0 ? own : (iattr?.gid ?? own)
    return uid === 0 && gid === 0 ? null : { ...this.#newIattrs(), uid, gid }
  }

  #add(kn: KernfsNode, parent: KernfsNode): number {
    if (this.#machine.lsm.kernfs_init_security.ask(parent, kn) !== 0) return -ENOMEM
    if (parent.children!.has(kn.name)) return -EEXIST
    parent.addChild(kn)
    this.#byNumber.set(kn.id, kn)
    this.#touch(parent)
    return 0
  }

  /** Removes the node and all below it. */
  remove(kn: KernfsNode): void {
    for (const files of [...kn.unseen]) files.remove()
    for (const child of [...kn.nodes]) this.remove(child)
    kn.active = false
    this.#byNumber.delete(kn.id)
    kn.release()
    // after the call, which may still be at work with the name
    if (kn.inodes.size > 0) this.#machine.callRcu(() => this.#forgetNames(kn))
    const { parent } = kn
    if (parent === null) return
    parent.removeChild(kn)
    if (kn.isDir) parent.subdirs--
    this.#touch(parent)
  }

  /** Forgets the dentries of a removed node. */
  #forgetNames({ inodes }: KernfsNode): void {
    for (const inode of [...inodes.values()]) this.#machine.vfs.d_invalidate_alias(inode)
  }

  /** Its own owner and times, made when they are first needed. */
  iattrs(kn: KernfsNode): KernfsIattrs {
    return (kn.iattr ??= this.#newIattrs())
  }

  #newIattrs(): KernfsIattrs {
    const now = { ...this.#machine.now() }
    return { uid: 0, gid: 0, atime: now, mtime: now, ctime: now }
  }

  /** Names were added or removed; directories with default attributes have no times. */
  #touch({ iattr }: KernfsNode): void {
    if (iattr !== null) iattr.mtime = iattr.ctime = { ...this.#machine.now() }
  }
}
