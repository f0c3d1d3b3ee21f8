/** The tree of mounts: who makes, moves, changes and removes them. */
import type { Dentry, FsStruct, Path, SuperBlock, UserNamespace, VfsMount } from '@lsmkit/core'
import type { FileSystem } from '../state/vfs/driver.ts'
import type { LinkedList } from '../state/vfs/linked-list.ts'
import type { Mount, MountNamespace } from '../state/vfs/mount.ts'
import type { PeerGroups } from '../state/vfs/propagation.ts'

/** MNT_* to set and to clear, and the propagation (MS_*, or 0 to leave it). */
export interface MountChange {
  readonly set: number
  readonly clear: number
  readonly propagation: number
  readonly recurse: boolean
}

export interface VfsMounts {
  // vfs/mount-tree.ts
  currentMntNs(): MountNamespace
  alloc_mnt_ns(user_ns: UserNamespace, inum: number): MountNamespace
  put_mnt_ns(ns: MountNamespace): void
  mountNamespaces(): readonly MountNamespace[]
  alloc_mount(root: Dentry, flags: number, devname: string): Mount
  mntput(mnt: VfsMount): void
  mntget(mnt: VfsMount): void
  joinNs(mount: Mount, ns: MountNamespace | null): void
  dissolve_on_fput(mnt: VfsMount): void
  setApart(mount: Mount): void
  readonly allMounts: LinkedList<Mount>
  readonly mountsById: Map<number, Mount>
  readonly peerGroups: PeerGroups
  detach_mounts(dentry: Dentry): void
  copy_mnt_ns(old: MountNamespace, user_ns: UserNamespace, inum: number, fs: FsStruct | null): MountNamespace | number
  rootOf(ns: MountNamespace): Path
  current_chrooted(): boolean
  mnt_may_suid(mnt: VfsMount): boolean

  // vfs/mount-places.ts
  may_mount(): boolean
  too_revealing(sb: SuperBlock, mnt_flags: number): boolean
  hasLockedChildren(mount: Mount, dentry: Dentry): boolean
  clone_private_mount(path: Path): Mount | number

  // vfs/moving.ts
  do_move_mount(from: Path, path: Path, beneath?: boolean): number
  do_set_group(from_path: Path, to_path: Path): number
  path_pivot_root(next: Path, put: Path): number

  // vfs/mounting.ts
  path_mount(source: string | null, path: Path, type: string | null, flags: number, data: string | null): number
  vfs_submount(path: Path, type: FileSystem, source: string): number
  loopback(path: Path, recurse: boolean): Mount | number

  // vfs/umounting.ts
  path_umount(path: Path, flags: number): number

  // vfs/mount-idmap.ts
  idmapNamespace(attr_set: number, attr_clr: number, userns_fd: number): UserNamespace | null | number

  // vfs/mount-setattr.ts
  do_mount_setattr(path: Path, change: MountChange, idmapped: UserNamespace | null): number
}
