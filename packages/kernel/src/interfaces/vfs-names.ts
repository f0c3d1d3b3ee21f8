/** From a path to what it names, and back: walks, making, renaming, removing. */
import type { Cred, Dentry, File, FsStruct, Inode, MntIdmap, Path } from '@lsmkit/core'
import type { MountNamespace } from '../state/vfs/mount.ts'
import type { OpenFlags } from '../state/vfs/open-flags.ts'

/** A name that is about to be made: the directory and a negative dentry in it. */
export interface NewName {
  readonly parent: Path
  readonly dentry: Dentry
}

/** The operands of a rename: both directories and both names. */
export interface Renaming {
  readonly idmap: MntIdmap
  readonly old_dir: Inode
  readonly old_dentry: Dentry
  readonly new_dir: Inode
  readonly new_dentry: Dentry
  readonly flags: number
}

export interface VfsNames {
  // vfs/path/permission.ts
  generic_permission(idmap: MntIdmap, inode: Inode, mask: number): number
  inode_permission(idmap: MntIdmap, inode: Inode, mask: number): number
  inode_owner_or_capable(idmap: MntIdmap, inode: Inode): boolean
  in_group_or_capable(idmap: MntIdmap, inode: Inode, gid: number): boolean

  // vfs/path/lookup.ts
  filename_lookup(dfd: number, name: string, flags: number, root: Path | null): Path | number
  user_path_at(dfd: number, name: unknown, flags: number): Path | number
  lookup_one_qstr_excl(last: string, base: Dentry, flags: number): Dentry | number
  lookup_one(idmap: MntIdmap, name: string, base: Dentry): Dentry | number

  // vfs/create-checks.ts
  may_create(idmap: MntIdmap, dir: Inode, child: Dentry): number

  // vfs/remove.ts
  do_unlinkat(dfd: number, name: unknown): number
  do_rmdir(dfd: number, name: unknown): number
  vfs_unlink(idmap: MntIdmap, dir: Inode, dentry: Dentry): number
  vfs_rmdir(idmap: MntIdmap, dir: Inode, dentry: Dentry): number

  // vfs/path/open.ts
  do_filp_open(dfd: number, name: string, op: OpenFlags, root?: Path | null): File | number
  vfs_tmpfile(parent: Path, file: File, mode: number): number
  kernel_tmpfile_open(parent: Path, mode: number, flags: number, cred: Cred): File | number

  // vfs/create.ts
  filename_create(dfd: number, name: unknown, lookup_flags: number): NewName | number
  vfs_create(idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number
  vfs_mkobj(dentry: Dentry, mode: number, make: () => number): number
  vfs_mknod(idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number, dev: number): number
  vfs_mkdir(idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number
  vfs_symlink(idmap: MntIdmap, dir: Inode, dentry: Dentry, target: string): number
  vfs_link(old_dentry: Dentry, idmap: MntIdmap, dir: Inode, new_dentry: Dentry): number
  do_mknodat(dfd: number, name: unknown, mode: number, dev: number): number
  do_mkdirat(dfd: number, name: unknown, mode: number): number
  do_symlinkat(target: unknown, dfd: number, name: unknown): number
  do_linkat(olddfd: number, oldname: unknown, newdfd: number, newname: unknown, flags: number): number

  // vfs/rename.ts
  do_renameat2(olddfd: number, from: unknown, newdfd: number, to: unknown, flags: number): number
  vfs_rename(renaming: Renaming): number

  // vfs/fs-struct.ts
  new_fs_struct(root: Path, pwd: Path, umask: number): FsStruct
  copy_fs_struct(fs: FsStruct): FsStruct
  free_fs_struct(fs: FsStruct): void
  set_fs_pwd(fs: FsStruct, path: Path): void
  set_fs_root(fs: FsStruct, path: Path): void
  enter_mnt_ns(fs: FsStruct, ns: MountNamespace): void

  // vfs/d-path.ts
  d_path(path: Path): string
  getcwd(): string | number
}
