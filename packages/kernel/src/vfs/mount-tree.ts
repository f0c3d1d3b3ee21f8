/** The trees of mounts: putting mounts where they belong, taking them away, copying them (fs/namespace.c). */
import {
  EINVAL, MNT_INTERNAL, MNT_LOCK_ATIME, MNT_LOCK_NODEV, MNT_LOCK_NOEXEC, MNT_LOCK_NOSUID, MNT_LOCK_READONLY, MNT_LOCKED,
  MNT_NODEV, MNT_NOEXEC, MNT_NOSUID, MNT_READONLY, MNT_SHARED, MNT_UNBINDABLE, MS_SHARED,
} from '@lsmkit/abi'
import { in_userns } from '@lsmkit/core'
import type { Dentry, FsStruct, Path, UserNamespace, VfsMount } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { threadOf } from '../task/thread.ts'
import { DCACHE_MOUNTED, is_subdir } from './dcache.ts'
import { DentryMap } from './dentry-map.ts'
import type { Inodes } from './inode.ts'
import { LinkedList } from './linked-list.ts'
import { MountNamespace } from './mount-ns.ts'
import { topMount } from './mount-walk.ts'
import { asMount, Mount } from './mount.ts'
import { changePropagation, isShared, PeerGroups, receivers } from './propagation.ts'
import type { SuperBlocks } from './super.ts'

/** What a copy takes over. */
export interface CopyOptions {
  /** Unbindable mounts too. */
  readonly unbindable?: boolean
  /** Shared ones become slaves of the original. */
  readonly sharedToSlave?: boolean
  /** Every one becomes a slave of the original. */
  readonly slave?: boolean
  /** Every one is shared, in a group of its own where the original has none. */
  readonly shared?: boolean
  /** Files of mount namespaces too. */
  readonly mntNsFiles?: boolean
  /** Told which mount is the copy of which. */
  readonly copies?: Map<Mount, Mount>
}

export const mountTree = (machine: Machine, { ihold, iput }: Inodes, { sget, sput }: SuperBlocks) => {
  const { current } = machine
  /** Every mount of the machine that is not gone. */
  const allMounts = new LinkedList<Mount>()
  const peerGroups = new PeerGroups()
  /** Mounts on each covered name, in all namespaces. */
  const covers = new DentryMap<Mount[]>()
  let lastId = 0
  let lastSeq = 1

  const currentMntNs = (): MountNamespace => threadOf(current.task).nsproxy.mnt_ns
  /** As `check_mnt`: the mount is in the caller's tree. */
  const check_mnt = (mnt: VfsMount): boolean => asMount(mnt).mnt_ns === currentMntNs()

  /** As `alloc_mnt_ns`. */
  const alloc_mnt_ns = (user_ns: UserNamespace, inum: number): MountNamespace =>
    new MountNamespace(user_ns, inum, ++lastSeq)

  /** As `put_mnt_ns`, once nobody is in it: what is mounted there goes, but for what is still in use. */
  const put_mnt_ns = (ns: MountNamespace): void => {
    const { root } = ns
    ns.root = null
    if (root !== null) umount_tree(root)
  }

  /** Those that have mounts left, as they were made. */
  const mountNamespaces = (): readonly MountNamespace[] => {
    const all = new Set<MountNamespace>()
    for (const { mnt_ns } of allMounts) if (mnt_ns !== null && !mnt_ns.isAnonymous) all.add(mnt_ns)
    return [...all].sort((a, b) => a.seq - b.seq)
  }

  /** A mount of `root` that lies nowhere yet; it holds the super block. */
  const alloc_mount = (root: Dentry, flags: number, devname: string): Mount => {
    const mount = new Mount(root, flags, devname, ++lastId)
    sget(root.d_sb)
    ihold(root.d_inode!)
    mount.inAll = allMounts.add(mount)
    return mount
  }

  const freeIfUnused = (mount: Mount): void => {
    if (mount.users !== 0 || mount.attached || mount.freed) return
    mount.freed = true
    allMounts.remove(mount.inAll!)
    peerGroups.forget(mount)
    machine.callRcu(() => {
      iput(mount.mnt_root.d_inode!)
      sput(mount.mnt_sb)
    })
  }
  const mntput = (mnt: VfsMount): void => {
    const mount = asMount(mnt)
    mount.users--
    mount.expires = false
    freeIfUnused(mount)
  }
  const mntget = (mnt: VfsMount): void => {
    asMount(mnt).users++
  }

  const cover = (mount: Mount, at: Dentry): void => {
    const mounts = covers.get(at)
    if (mounts !== null) mounts.push(mount)
    else covers.set(at, [mount])
    at.d_flags |= DCACHE_MOUNTED
  }
  const uncover = (mount: Mount, at: Dentry): void => {
    const mounts = covers.get(at) ?? []
    mounts.splice(mounts.indexOf(mount), 1)
    if (mounts.length > 0) return
    covers.delete(at)
    at.d_flags &= ~DCACHE_MOUNTED
  }

  /** Lays `mount` on `at` of `parent`. */
  const attach = (mount: Mount, parent: Mount, at: Dentry): void => {
    mount.mnt_parent = parent
    mount.mnt_mountpoint = at
    mount.attached = true
    parent.children.set(at, mount)
    ihold(at.d_inode!)
    cover(mount, at)
  }
  const detach = (mount: Mount): void => {
    const parent = mount.mnt_parent
    const at = mount.mnt_mountpoint
    if (parent === null || at === null) return
    parent.children.delete(at)
    uncover(mount, at)
    mount.mnt_parent = mount.mnt_mountpoint = null
    iput(at.d_inode!)
  }

  /** `mount` and what lies on it, parents before children. */
  function* subtree(mount: Mount): Generator<Mount> {
    yield mount
    for (const child of [...mount.children.values()]) yield* subtree(child)
  }

  /** A file of the caller's mount namespace, or of an older one, lies in the tree (`check_for_nsfs_mounts` says no). */
  const keepsNamespace = (tree: Mount): boolean =>
    [...subtree(tree)].some(({ mnt_root }) => machine.nsfs.isLoop(mnt_root))

  const joinNs = (mount: Mount, ns: MountNamespace | null): void => {
    for (const each of subtree(mount)) {
      each.mnt_ns?.mounts.remove(each.inNs!)
      each.mnt_ns = ns
      each.inNs = ns?.mounts.add(each) ?? null
    }
  }

  /** Takes a tree apart: every mount of it goes when its last user does. `connected`: they stay together until then. */
  const umount_tree = (root: Mount, connected = false): void => {
    const all = [...subtree(root)]
    joinNs(root, null)
    detach(root)
    for (const mount of all) {
      mount.attached = false
      if (!connected && mount !== root) detach(mount)
    }
    for (const mount of all.reverse()) freeIfUnused(mount)
  }

  /** The file that held a detached tree (open_tree, fsmount) is closed: the tree goes unless it has been mounted. */
  const dissolve_on_fput = (mnt: VfsMount): void => {
    const mount = asMount(mnt)
    if (mount.mnt_parent === null && mount.mnt_ns !== null && mount.mnt_ns.isAnonymous) umount_tree(mount)
  }

  /** A tree that lies nowhere, in a nameless namespace of its own. */
  const setApart = (mount: Mount): void => {
    const ns = new MountNamespace(currentMntNs().user_ns, 0, 0)
    ns.root = mount
    mount.attached = true
    joinNs(mount, ns)
  }

  /** Something is mounted there in the caller's namespace. */
  const is_local_mountpoint = (dentry: Dentry): boolean => {
    if ((dentry.d_flags & DCACHE_MOUNTED) === 0) return false
    const ns = currentMntNs()
    for (const mount of covers.get(dentry) ?? []) if (mount.mnt_ns === ns) return true
    return false
  }

  /** A name has been removed: what other namespaces had mounted on it goes too. */
  const detach_mounts = (dentry: Dentry): void => {
    for (const mount of [...(covers.get(dentry) ?? [])]) umount_tree(mount, true)
  }

  const clone_mnt = (old: Mount, root: Dentry, options: CopyOptions): Mount => {
    const mount = alloc_mount(root, old.mnt_flags & ~MNT_INTERNAL, old.mnt_devname)
    mount.mnt_idmap = old.mnt_idmap
    if (options.slave === true || (options.sharedToSlave === true && isShared(old))) {
      peerGroups.follow(mount, old.group)
      mount.mnt_flags &= ~MNT_SHARED
    } else {
      peerGroups.join(mount, old.group)
      peerGroups.follow(mount, old.master)
    }
    if (options.shared === true) changePropagation(peerGroups, mount, MS_SHARED)
    return mount
  }

  /** A copy of the tree on `mnt` from `root` down, attached nowhere; -EINVAL for a mount that is not copied. */
  const copy_tree = (source: Mount, root: Dentry, options: CopyOptions): Mount | number => {
    const skips = ({ mnt_flags }: Mount, at: Dentry): boolean =>
      (options.unbindable !== true && (mnt_flags & MNT_UNBINDABLE) !== 0) ||
      (options.mntNsFiles !== true && machine.nsfs.mntNsOf(at) !== null)
    if (skips(source, root)) return -EINVAL
    const copy = clone_mnt(source, root, options)
    options.copies?.set(source, copy)
    for (const child of source.children.values()) {
      if (skips(child, child.mnt_root) || !is_subdir(child.mnt_mountpoint!, root)) continue
      const below = copy_tree(child, child.mnt_root, options)
      if (typeof below !== 'number') attach(below, copy, child.mnt_mountpoint!)
    }
    return copy
  }

  /** Lays a tree on `at` of `dest`, and copies of it on all that receive from `dest`. */
  const attach_tree = (source: Mount, dest: Mount, at: Dentry, ns: MountNamespace): void => {
    const targets = receivers(peerGroups, dest).filter(
      ({ mount }) => mount.mnt_ns !== null && is_subdir(at, mount.mnt_root),
    )
    if (isShared(dest)) for (const each of subtree(source)) changePropagation(peerGroups, each, MS_SHARED)
    attach(source, dest, at)
    joinNs(source, ns)
    for (const { mount, isPeer } of targets) {
      const copy = copy_tree(source, source.mnt_root, { slave: !isPeer, shared: isShared(mount) })
      if (typeof copy === 'number') continue
      if (mount.mnt_ns!.user_ns !== ns.user_ns) lockTree(copy)
      const above = mount.children.get(at)
      if (above !== null) {
        detach(above)
        attach(above, copy, copy.mnt_root)
      }
      attach(copy, mount, at)
      joinNs(copy, mount.mnt_ns)
    }
  }

  /** What a mount has spread from its parent and takes along when it goes. */
  const spreadOf = ({ mnt_parent: parent, mnt_mountpoint: at }: Mount): Mount[] => {
    const copies = parent === null ? [] : receivers(peerGroups, parent).map(({ mount }) => mount.children.get(at!))
    return copies.filter((copy) => copy !== null)
      .filter(({ children, mnt_flags }) => children.size === 0 && (mnt_flags & MNT_LOCKED) === 0)
  }

  /** As `propagate_mount_busy`: somebody is using the mount, or what would go with it. */
  const propagate_mount_busy = (mount: Mount): boolean =>
    mount.users > 0 || mount.children.size > 0 || spreadOf(mount).some(({ users }) => users > 0)

  /** Takes a tree away, and what it had spread from its parent. */
  const umount_propagated = (root: Mount): void => {
    const copies = spreadOf(root)
    umount_tree(root)
    for (const copy of copies) umount_tree(copy)
  }

  /** In a less privileged namespace flags can only be tightened, and mounts stay together (lock_mnt_tree). */
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

  /** A namespace with a copy of all mounts of `old`; root and working directory of `fs` move to the copies. */
  const copy_mnt_ns = (
    old: MountNamespace,
    user_ns: UserNamespace,
    inum: number,
    fs: FsStruct | null,
  ): MountNamespace | number => {
    const source = old.root!
    const foreign = user_ns !== old.user_ns
    const copies = new Map<Mount, Mount>()
    const copy = copy_tree(source, source.mnt_root, { unbindable: true, sharedToSlave: foreign, copies })
    if (typeof copy === 'number') return copy
    if (foreign) lockTree(copy)
    const ns = alloc_mnt_ns(user_ns, inum)
    ns.root = copy
    copy.attached = true
    joinNs(copy, ns)
    if (fs === null) return ns
    const move = (path: Path): Path => {
      const mnt = copies.get(asMount(path.mnt))
      if (mnt === undefined) return path
      mntget(mnt)
      mntput(path.mnt)
      return { mnt, dentry: path.dentry }
    }
    fs.root = move(fs.root)
    fs.pwd = move(fs.pwd)
    return ns
  }

  /** The place where a namespace's tasks begin: what is mounted topmost on its root. */
  const rootOf = (ns: MountNamespace): Path => {
    const mnt = topMount(ns.root!, ns.root!.mnt_root)
    return { mnt, dentry: mnt.mnt_root }
  }

  /** The caller's root is not that of its namespace. */
  const current_chrooted = (): boolean => {
    const root = rootOf(currentMntNs())
    const fs = current.task.fs!
    return fs.root.mnt !== root.mnt || fs.root.dentry !== root.dentry
  }

  /** Set-id bits and labels of this mount may count: not nosuid, in the caller's tree, of its user namespace. */
  const mnt_may_suid = (mnt: VfsMount): boolean =>
    (mnt.mnt_flags & MNT_NOSUID) === 0 && check_mnt(mnt) && in_userns(mnt.mnt_sb.s_user_ns, current.task.cred.user_ns)

  return {
    currentMntNs, check_mnt, alloc_mnt_ns, put_mnt_ns, mountNamespaces, alloc_mount, mntput, mntget, freeIfUnused,
    attach, attach_tree, detach, subtree, keepsNamespace, joinNs, umount_tree, umount_propagated, propagate_mount_busy,
    dissolve_on_fput, setApart, allMounts, peerGroups, is_local_mountpoint, detach_mounts, clone_mnt, copy_tree,
    copy_mnt_ns, rootOf, current_chrooted, mnt_may_suid,
  }
}

export type MountTree = ReturnType<typeof mountTree>
