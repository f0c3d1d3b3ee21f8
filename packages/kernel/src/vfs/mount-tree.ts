/** Trees of mounts: attaching, detaching and copying them (fs/namespace.c). */
import {
  EINVAL, ENOMEM, ENOSPC, MNT_INTERNAL, MNT_LOCK_ATIME, MNT_LOCK_NODEV, MNT_LOCK_NOEXEC, MNT_LOCK_NOSUID,
  MNT_LOCK_READONLY, MNT_LOCKED, MNT_NODEV, MNT_NOEXEC, MNT_NOSUID, MNT_READONLY, MNT_SHARED, MNT_UNBINDABLE,
  MS_SHARED,
} from '@lsmkit/abi'
import { in_userns } from '@lsmkit/core'
import type { Dentry, FsStruct, Path, UserNamespace, VfsMount } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { COST } from '../state/memory-costs.ts'
import { threadOf } from '../state/task/thread.ts'
import { LinkedList } from '../state/vfs/linked-list.ts'
import { asMount, Mount, MountNamespace } from '../state/vfs/mount.ts'
import { changePropagation, isShared, receivers } from '../state/vfs/propagation.ts'
import type { Receiver } from '../state/vfs/propagation.ts'
import { belowTest, DCACHE_MOUNTED } from './dcache.ts'
import { ihold, iput } from './inode.ts'
import { topMount } from './mount-walk.ts'
import { sget, sput } from './super.ts'

/** How a tree is copied. */
export interface CopyOptions {
  /** Copies unbindable mounts too. */
  readonly unbindable?: boolean
  /** Copies of shared mounts become slaves of the originals. */
  readonly sharedToSlave?: boolean
  /** All copies become slaves of the originals. */
  readonly slave?: boolean
  /** All copies are shared, in a new group if the original has none. */
  readonly shared?: boolean
  /** Copies mounts of mount namespace files too. */
  readonly mntNsFiles?: boolean
  /** Called with each original and its copy. */
  readonly copies?: Map<Mount, Mount>
}

export const currentMntNs = (machine: Machine): MountNamespace => threadOf(machine.current.task).nsproxy.mnt_ns

/** As `check_mnt`: whether the mount is in the caller's namespace. */
export const check_mnt = (machine: Machine, mnt: VfsMount): boolean => asMount(mnt).mnt_ns === currentMntNs(machine)

/** As `alloc_mnt_ns`: a namespace without mounts. */
export const alloc_mnt_ns = (machine: Machine, user_ns: UserNamespace, inum: number): MountNamespace =>
  new MountNamespace(user_ns, inum, ++machine.mountTable.lastSeq)

/**
 * As `put_mnt_ns`, after the last task has left: detaches all mounts. A mount in use lives until its last user goes.
 */
export const put_mnt_ns = (machine: Machine, ns: MountNamespace): void => {
  const { root } = ns
  ns.root = null
  if (root !== null) umount_tree(machine, root)
}

/** The namespaces that have mounts, oldest first. */
export const mountNamespaces = (machine: Machine): readonly MountNamespace[] => {
  const all = new Set<MountNamespace>()
  for (const { mnt_ns } of machine.mountTable.allMounts) if (mnt_ns !== null && !mnt_ns.isAnonymous) all.add(mnt_ns)
  return [...all].sort((a, b) => a.seq - b.seq)
}

/** A new unattached mount of `root`. It holds the super block. For many mounts, call `hasRoomFor` first. */
export const alloc_mount = (machine: Machine, root: Dentry, flags: number, devname: string): Mount => {
  const mount = new Mount(machine.account, root, flags, devname, ++machine.mountTable.lastId)
  sget(root.d_sb)
  ihold(root.d_inode!)
  mount.inAll = machine.mountTable.allMounts.add(mount)
  machine.mountTable.mountsById.set(mount.mnt_id_unique, mount)
  return mount
}

export const freeIfUnused = (machine: Machine, mount: Mount): void => {
  if (mount.users !== 0 || mount.attached || mount.freed) return
  mount.freed = true
  machine.mountTable.allMounts.remove(mount.inAll!)
  machine.mountTable.mountsById.delete(mount.mnt_id_unique)
  machine.mountTable.peerGroups.forget(mount)
  machine.callRcu(() => {
    iput(machine, mount.mnt_root.d_inode!)
    sput(machine, mount.mnt_sb)
    mount.release()
  })
}

export const mntput = (machine: Machine, mnt: VfsMount): void => {
  const mount = asMount(mnt)
  mount.users--
  mount.expires = false
  freeIfUnused(machine, mount)
}

export const mntget = (mnt: VfsMount): void => {
  asMount(mnt).users++
}

const cover = (machine: Machine, mount: Mount, at: Dentry): void => {
  let mounts = machine.mountTable.covers.get(at)
  if (mounts === undefined) machine.mountTable.covers.set(at, (mounts = new LinkedList()))
  mount.inCovers = mounts.add(mount)
  at.d_flags |= DCACHE_MOUNTED
}

const uncover = (machine: Machine, mount: Mount, at: Dentry): void => {
  const mounts = machine.mountTable.covers.get(at)!
  mounts.remove(mount.inCovers!)
  mount.inCovers = null
  if (mounts.size > 0) return
  machine.mountTable.covers.delete(at)
  at.d_flags &= ~DCACHE_MOUNTED
}

/** Attaches `mount` on `at` of `parent`. */
export const attach = (machine: Machine, mount: Mount, parent: Mount, at: Dentry): void => {
  mount.mnt_parent = parent
  mount.mnt_mountpoint = at
  mount.attached = true
  parent.children.set(at, mount)
  ihold(at.d_inode!)
  cover(machine, mount, at)
  machine.topology.version++
}

export const detach = (machine: Machine, mount: Mount): void => {
  const parent = mount.mnt_parent
  const at = mount.mnt_mountpoint
  if (parent === null || at === null) return
  parent.children.delete(at)
  uncover(machine, mount, at)
  mount.mnt_parent = mount.mnt_mountpoint = null
  machine.topology.version++
  iput(machine, at.d_inode!)
}

/**
 * `root` and the mounts on it, parents before children. A mount that is not wanted is left out with all mounts on it.
 */
export const subtree = (root: Mount, isWanted = (_child: Mount): boolean => true): readonly Mount[] => {
  const all: Mount[] = []
  const rest = [root]
  for (let mount = rest.pop(); mount !== undefined; mount = rest.pop()) {
    all.push(mount)
    if (mount.children.size === 0) continue
    const children = [...mount.children.values()].filter(isWanted)
    for (let i = children.length - 1; i >= 0; i--) rest.push(children[i]!)
  }
  return all
}

/** Whether the tree has the file of the caller's mount namespace or of an older one (`check_for_nsfs_mounts`). */
export const keepsNamespace = (machine: Machine, tree: Mount): boolean => {
  for (const { mnt_root } of subtree(tree)) if (machine.nsfs.isLoop(mnt_root)) return true
  return false
}

export const joinNs = (mount: Mount, ns: MountNamespace | null): void => {
  for (const each of subtree(mount)) {
    each.mnt_ns?.mounts.remove(each.inNs!)
    each.mnt_ns = ns
    each.inNs = ns?.mounts.add(each) ?? null
  }
}

/** Detaches a tree. Each of its mounts ends with its last user. `connected`: they stay together until then. */
export const umount_tree = (machine: Machine, root: Mount, connected = false): void => {
  const all = subtree(root)
  joinNs(root, null)
  detach(machine, root)
  for (const mount of all) {
    mount.attached = false
    if (!connected && mount !== root) detach(machine, mount)
  }
  for (const mount of all.toReversed()) freeIfUnused(machine, mount)
}

/** Called when the file of a detached tree (open_tree, fsmount) is closed: detaches it unless it has been mounted. */
export const dissolve_on_fput = (machine: Machine, mnt: VfsMount): void => {
  const mount = asMount(mnt)
  if (mount.mnt_parent === null && mount.mnt_ns !== null && mount.mnt_ns.isAnonymous) umount_tree(machine, mount)
}

/** Puts an unattached tree into an anonymous namespace of its own. */
export const setApart = (machine: Machine, mount: Mount): void => {
  const ns = new MountNamespace(currentMntNs(machine).user_ns, 0, 0)
  ns.root = mount
  mount.attached = true
  joinNs(mount, ns)
}

/** Whether something is mounted there in the caller's namespace. */
export const is_local_mountpoint = (machine: Machine, dentry: Dentry): boolean => {
  if ((dentry.d_flags & DCACHE_MOUNTED) === 0) return false
  const ns = currentMntNs(machine)
  for (const mount of machine.mountTable.covers.get(dentry) ?? []) if (mount.mnt_ns === ns) return true
  return false
}

/** Called when a name is removed: detaches the mounts of other namespaces on it. */
export const detach_mounts = (machine: Machine, dentry: Dentry): void => {
  for (const mount of [...(machine.mountTable.covers.get(dentry) ?? [])]) umount_tree(machine, mount, true)
}

export const clone_mnt = (machine: Machine, old: Mount, root: Dentry, options: CopyOptions): Mount => {
  const mount = alloc_mount(machine, root, old.mnt_flags & ~MNT_INTERNAL, old.mnt_devname)
  mount.mnt_idmap = old.mnt_idmap
  if (options.slave === true || (options.sharedToSlave === true && isShared(old))) {
    machine.mountTable.peerGroups.follow(mount, old.group)
    mount.mnt_flags &= ~MNT_SHARED
  } else {
    machine.mountTable.peerGroups.join(mount, old.group)
    machine.mountTable.peerGroups.follow(mount, old.master)
  }
  if (options.shared === true) changePropagation(machine.mountTable.peerGroups, mount, MS_SHARED)
  return mount
}

/** Whether a copy leaves this mount out. */
const isSkipped = (machine: Machine, { mnt_flags }: Mount, root: Dentry, options: CopyOptions): boolean =>
  (options.unbindable !== true && (mnt_flags & MNT_UNBINDABLE) !== 0) ||
  (options.mntNsFiles !== true && machine.nsfs.mntNsOf(root) !== null)

/** Whether there is memory for `count` mounts. */
export const hasRoomFor = (machine: Machine, mounts: number): boolean => machine.account.hasRoom(mounts * COST.mount)

/** An unattached copy of the tree on `mnt` from `root` down. -EINVAL if it may not be copied, or -ENOMEM. */
export const copy_tree = (machine: Machine, source: Mount, root: Dentry, options: CopyOptions): Mount | number => {
  if (isSkipped(machine, source, root, options)) return -EINVAL
  const isBelowRoot = belowTest(root)
  const isCopied = (child: Mount): boolean =>
    !isSkipped(machine, child, child.mnt_root, options) &&
    (child.mnt_parent !== source || isBelowRoot(child.mnt_mountpoint!))
  if (!hasRoomFor(machine, subtree(source, isCopied).length)) return -ENOMEM
  const copies = options.copies ?? new Map<Mount, Mount>()
  for (const mount of subtree(source, isCopied)) {
    const isTop = mount === source
    const copy = clone_mnt(machine, mount, isTop ? root : mount.mnt_root, options)
    copies.set(mount, copy)
    if (!isTop) attach(machine, copy, copies.get(mount.mnt_parent!)!, mount.mnt_mountpoint!)
  }
  return copies.get(source)!
}

/** As `count_mounts`: 0, or -ENOSPC if so many more mounts exceed fs.mount-max in one of the namespaces. */
const count_mounts = (machine: Machine, more: ReadonlyMap<MountNamespace, number>): number => {
  for (const [ns, mounts] of more) if (ns.mounts.size + mounts > machine.sysctl.mount_max) return -ENOSPC
  return 0
}

/**
 * As `attach_recursive_mnt`: attaches a tree on `at` of `dest`, and copies of it on all mounts that receive from
 * `dest`. -ENOSPC before anything is copied. `moving`: the tree is in the namespace already.
 */
export const attach_tree = (machine: Machine, source: Mount, dest: Mount, at: Dentry, moving = false): number => {
  const ns = dest.mnt_ns!
  const targets = targetsOf(machine, dest, at)
  const rc = roomFor(machine, source, ns, targets, moving)
  if (rc !== 0) return rc
  if (isShared(dest)) for (const each of subtree(source))
    changePropagation(machine.mountTable.peerGroups, each, MS_SHARED)
  attach(machine, source, dest, at)
  joinNs(source, ns)
  for (const { mount, isPeer } of targets) {
    const copy = copy_tree(machine, source, source.mnt_root, { slave: !isPeer, shared: isShared(mount) })
    if (typeof copy === 'number') continue
    if (mount.mnt_ns!.user_ns !== ns.user_ns) lockTree(copy)
    const above = mount.children.get(at)
    if (above !== undefined) {
      detach(machine, above)
      attach(machine, above, copy, copy.mnt_root)
    }
    attach(machine, copy, mount, at)
    joinNs(copy, mount.mnt_ns)
  }
  return 0
}

/** The mounts that receive from `dest` and contain the mount point. */
const targetsOf = (machine: Machine, dest: Mount, at: Dentry): Receiver[] => {
  if (!isShared(dest)) return []
  const above = new Set<Dentry>()
  for (let dentry: Dentry | null = at; dentry !== null; dentry = dentry.d_parent) above.add(dentry)
  return receivers(machine.mountTable.peerGroups, dest)
    .filter(({ mount }) => mount.mnt_ns !== null && !mount.mnt_ns.isAnonymous && above.has(mount.mnt_root))
}

/** 0 or -ENOSPC: counts all new mounts of each namespace. */
const roomFor = (
  machine: Machine, source: Mount, ns: MountNamespace, targets: readonly Receiver[], moving: boolean,
): number => {
  const more = new Map<MountNamespace, number>()
  if (!moving) more.set(ns, subtree(source).length)
  const copies = targets.length === 0 || isSkipped(machine, source, source.mnt_root, {})
    ? 0 : subtree(source, (child) => !isSkipped(machine, child, child.mnt_root, {})).length
  for (const { mount } of targets) more.set(mount.mnt_ns!, (more.get(mount.mnt_ns!) ?? 0) + copies)
  return hasRoomFor(machine, targets.length * copies) ? count_mounts(machine, more) : -ENOMEM
}

/** The copies that were propagated with a mount and go with it. */
const spreadOf = (machine: Machine, { mnt_parent: parent, mnt_mountpoint: at }: Mount): Mount[] => {
  const copies = parent === null ? [] : receivers(machine.mountTable.peerGroups, parent).map(
    ({ mount }) => mount.children.get(at!),
  )
  return copies.filter((copy) => copy !== undefined)
    .filter(({ children, mnt_flags }) => children.size === 0 && (mnt_flags & MNT_LOCKED) === 0)
}

/** As `propagate_mount_busy`: whether the mount, or a copy that would go with it, is in use. */
export const propagate_mount_busy = (machine: Machine, mount: Mount): boolean =>
  mount.users > 0 || mount.children.size > 0 || spreadOf(machine, mount).some(({ users }) => users > 0)

/** Detaches a tree, and the copies that were propagated with it. */
export const umount_propagated = (machine: Machine, root: Mount): void => {
  const copies = spreadOf(machine, root)
  umount_tree(machine, root)
  for (const copy of copies) umount_tree(machine, copy)
}

/** As `lock_mnt_tree`: in a less privileged namespace flags can only become stricter, and mounts stay together. */
const lockTree = (root: Mount): void => {
  for (const mount of subtree(root)) {
    let flags = mount.mnt_flags | MNT_LOCK_ATIME
    if ((flags & MNT_READONLY) !== 0) flags |= MNT_LOCK_READONLY
    if ((flags & MNT_NODEV) !== 0) flags |= MNT_LOCK_NODEV
    if ((flags & MNT_NOSUID) !== 0) flags |= MNT_LOCK_NOSUID
    if ((flags & MNT_NOEXEC) !== 0) flags |= MNT_LOCK_NOEXEC
    if (mount !== root) flags |= MNT_LOCKED
    mount.mnt_flags = flags
  }
}

/** As `copy_mnt_ns`: a namespace with copies of all mounts of `old`. Root and working directory of `fs` move there. */
export const copy_mnt_ns = (
  machine: Machine, old: MountNamespace,
  user_ns: UserNamespace,
  inum: number,
  fs: FsStruct | null,
): MountNamespace | number => {
  const source = old.root!
  const foreign = user_ns !== old.user_ns
  const copies = new Map<Mount, Mount>()
  const copy = copy_tree(machine, source, source.mnt_root, { unbindable: true, sharedToSlave: foreign, copies })
  if (typeof copy === 'number') return copy
  if (foreign) lockTree(copy)
  const ns = alloc_mnt_ns(machine, user_ns, inum)
  ns.root = copy
  copy.attached = true
  joinNs(copy, ns)
  if (fs === null) return ns
  const move = (path: Path): Path => {
    const mnt = copies.get(asMount(path.mnt))
    if (mnt === undefined) return path
    mntget(mnt)
    mntput(machine, path.mnt)
    return { mnt, dentry: path.dentry }
  }
  fs.root = move(fs.root)
  fs.pwd = move(fs.pwd)
  return ns
}

/** The root directory of a namespace: the topmost mount on its root. */
export const rootOf = (ns: MountNamespace): Path => {
  const mnt = topMount(ns.root!, ns.root!.mnt_root)
  return { mnt, dentry: mnt.mnt_root }
}

/** Whether the caller's root differs from that of its namespace. */
export const current_chrooted = (machine: Machine): boolean => {
  const root = rootOf(currentMntNs(machine))
  const fs = machine.current.task.fs!
  return fs.root.mnt !== root.mnt || fs.root.dentry !== root.dentry
}

/**
 * Whether set-id bits and labels on this mount count: it is not nosuid, is in the caller's tree, and the caller is in
 * the user namespace of the file system.
 */
export const mnt_may_suid = (machine: Machine, mnt: VfsMount): boolean =>
  (mnt.mnt_flags & MNT_NOSUID) === 0 && check_mnt(machine, mnt) && in_userns(
    mnt.mnt_sb.s_user_ns, machine.current.task.cred.user_ns,
  )
