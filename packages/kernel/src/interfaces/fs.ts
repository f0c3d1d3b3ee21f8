/** File systems that the rest of the kernel asks, and devices under mounts. */
import type { BlockDevice, Dentry, File, Inode, MntIdmap, Path, SuperBlock, Task, UserNamespace } from '@lsmkit/core'
import type { FileSystem } from '../state/vfs/driver.ts'
import type { Joined } from '../state/task/namespaces.ts'
import type { MountNamespace } from '../state/vfs/mount.ts'

/** One namespace of whatever kind. */
export interface NsRef {
  readonly flag: number
  /** Name before the number in the link's text. */
  readonly name: string
  /** The namespace itself: two refs to it lead to one inode. */
  readonly ns: object
  readonly inum: number
  readonly user_ns: UserNamespace
  readonly parent: NsRef | null
  /** The namespaces that setns joins, given those that the caller has now. */
  target(own: Joined): Joined
}

export interface NsKind {
  readonly of: (task: Task) => NsRef
  /** The task leaves it when it ends (exit_task_namespaces). */
  readonly isLeftAtExit: boolean
}

/** The device under a mount made at boot. */
export interface BootDevice {
  /** Name of the disk: `sda1`, `dm-0`. */
  readonly name: string
  /** Its number; one that no other device has unless given. */
  readonly rdev?: number
  /** Nobody can write to it, and a mount of it cannot be made writable. */
  readonly readOnly?: boolean
  /** The root digest of a dm-verity device, which its contents have been checked against. */
  readonly verityRoot?: Uint8Array
}

/** The type, and how the kernel makes files of its own on it. */
export interface Tmpfs extends FileSystem {
  get_inode(idmap: MntIdmap, sb: SuperBlock, dir: Inode | null, mode: number, dev: number): Inode | number
}

export interface Nsfs {
  /** Registers its file system. */
  setUp(): void
  readonly kinds: Readonly<Record<string, NsKind>>
  pathOf(ref: NsRef): Path | number
  nameOf(ref: NsRef): string
  namespaceOf(file: File): NsRef | null
  mntNsOf(dentry: Dentry): MountNamespace | null
  isHeld(ns: object): boolean
  isLoop(dentry: Dentry): boolean
}

export interface Sysfs {
  readonly type: FileSystem
  createMountPoint(place: string): void
}

export interface BlockDevices {
  add(sb: SuperBlock, device: BootDevice): number
  verityRoot(bdev: BlockDevice): Uint8Array | null
}
