/** The contents of files and their metadata: bytes, attributes, times, quotas. */
import type { Dentry, File, Iattr, Inode, MntIdmap, Path, PosixAcl, VfsMount } from '@lsmkit/core'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { DirContext, FileAttr } from '../state/vfs/driver.ts'
import type { Kstat, Kstatfs } from '../state/vfs/kstat.ts'

/** The ACL that a new file inherits from its directory; null where the mode alone counts. */
export interface NewAcls {
  readonly mode: number
  readonly acl: PosixAcl | null
  readonly default_acl: PosixAcl | null
}

export interface VfsContents {
  // vfs/atime.ts
  touch_atime(mnt: VfsMount, inode: Inode): void
  file_accessed(file: File): void

  // vfs/attr.ts
  notify_change(idmap: MntIdmap, dentry: Dentry, attr: Iattr): number
  setattr_prepare(idmap: MntIdmap, dentry: Dentry, attr: Iattr): number
  setattr_copy(idmap: MntIdmap, inode: Inode, attr: Iattr): void
  simple_setattr(idmap: MntIdmap, dentry: Dentry, attr: Iattr): number
  inode_newsize_ok(inode: Inode, size: number): number

  // vfs/privs.ts
  setattr_should_drop_sgid(idmap: MntIdmap, inode: Inode): number
  file_remove_privs(file: File): number

  // vfs/truncate.ts
  vfs_truncate(path: Path, length: number): number
  do_ftruncate(file: File, length: number): number

  // vfs/dquot.ts
  dquot_initialize(inode: Inode): void
  dquot_drop(inode: Inode): void
  dquot_alloc_inode(inode: Inode): number
  dquot_alloc_space(inode: Inode, bytes: number): number
  dquot_free_inode(inode: Inode): void
  dquot_free_space(inode: Inode, bytes: number): void
  dquot_transfer(idmap: MntIdmap, inode: Inode, attr: Iattr, bytes: number): number

  // vfs/fallocate.ts
  vfs_fallocate(file: File, mode: number, offset: number, len: number): number

  // vfs/fileattr.ts
  vfs_fileattr_get(dentry: Dentry): FileAttr | number
  vfs_fileattr_set(idmap: MntIdmap, dentry: Dentry, fa: FileAttr): number

  // vfs/write-checks.ts
  prepare_write(file: File, pos: number, len: number): number
  file_modified(file: File): number

  // vfs/acl.ts
  simple_set_acl(idmap: MntIdmap, inode: Inode, acl: PosixAcl | null, name: string): number
  do_remove_acl(idmap: MntIdmap, dentry: Dentry, name: string): number
  vfs_set_acl(idmap: MntIdmap, dentry: Dentry, name: string, given: PosixAcl | null): number
  vfs_get_acl(idmap: MntIdmap, dentry: Dentry, name: string): PosixAcl | number
  get_inode_acl(inode: Inode, name: string): PosixAcl | null
  posix_acl_chmod(idmap: MntIdmap, dentry: Dentry): number
  posix_acl_create(dir: Inode, mode: number): NewAcls | number
  simple_acl_create(dir: Inode, inode: Inode): number

  // vfs/xattr.ts
  setxattrAt(path: Path, name: string, value: Uint8Array, flags: number): number
  getxattrAt(path: Path, name: string, alloc: boolean): Uint8Array | number
  removexattrAt(path: Path, name: string): number
  vfs_setxattr(idmap: MntIdmap, dentry: Dentry, name: string, value: Uint8Array, flags: number): number
  vfs_getxattr(idmap: MntIdmap, dentry: Dentry, name: string, alloc: boolean): Uint8Array | number
  vfs_removexattr(idmap: MntIdmap, dentry: Dentry, name: string): number
  vfs_listxattr(dentry: Dentry): readonly string[] | number
  simple_xattr_list(inode: Inode, stored: Iterable<string>): readonly string[] | number

  // vfs/rw.ts
  rw_verify_area(file: File, mask: number, pos: number, count: number): number
  vfs_read(file: File, buf: GuestBytes, off: number, len: number, pos: number): number
  vfs_write(file: File, buf: GuestBytes, off: number, len: number, pos: number): number
  writePos(file: File, pos: number): number
  iterate_dir(file: File, ctx: DirContext): number

  // vfs/leases.ts
  fcntl_getlease(file: File): number
  generic_add_lease(file: File, type: number): number
  generic_delete_lease(file: File): number

  // vfs/copy-range.ts
  splice_direct(input: File, from: number, output: File, to: number, len: number): number
  vfs_copy_file_range(input: File, from: number, output: File, to: number, len: number): number

  // vfs/stat.ts
  vfs_getattr(path: Path, stat: Kstat): number
  getattr_nosec(path: Path, stat: Kstat): number
  statfs_by_dentry(dentry: Dentry, buf: Kstatfs): number
}
