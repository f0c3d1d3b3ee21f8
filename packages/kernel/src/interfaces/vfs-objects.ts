/** The objects of the tree: inodes, names in the cache, super blocks, open files, pipes and files without a name. */
import type {
  Cred, Dentry, File, FileSystemType, FsContext, FsParameter, Inode, MntIdmap, Path, SuperBlock, UserNamespace,
  VfsMount,
} from '@lsmkit/core'
import type { FileOperations, FileSystem, InodeOperations, SuperOperations, XattrHandler } from '../state/vfs/driver.ts'
import type { MountContext } from '../state/vfs/mount-context.ts'
import type { Pipe } from '../state/vfs/pipe-buffer.ts'

export type Unlink = (dir: Inode, dentry: Dentry) => number

export interface VfsObjects {
  // vfs/inode.ts
  new_inode(sb: SuperBlock, mode: number, i_op: InodeOperations, i_fop: FileOperations, fs: unknown): Inode | null
  inode_init_owner(idmap: MntIdmap, inode: Inode, dir: Inode | null, mode: number): void
  touchModified(inode: Inode): void
  touchChanged(inode: Inode): void
  evictIfUnused(inode: Inode): void
  ihold(inode: Inode): void
  iput(inode: Inode): void

  // vfs/dcache.ts
  d_alloc(parent: Dentry, name: string): Dentry
  d_instantiate(dentry: Dentry, inode: Inode): void
  d_add(dentry: Dentry, inode: Inode | null): void
  d_make_root(inode: Inode): Dentry
  d_alloc_pseudo(sb: SuperBlock, name: string, inode: Inode): Dentry
  d_tmpfile(dentry: Dentry, inode: Inode): void
  d_drop(dentry: Dentry): void
  d_invalidate_alias(inode: Inode): void
  shrink_dcache_sb(sb: SuperBlock): void
  isEmpty(dentry: Dentry): boolean

  // vfs/libfs.ts
  simple_link(old_dentry: Dentry, dir: Inode, dentry: Dentry): number
  simple_unlink(dir: Inode, dentry: Dentry): number
  simple_rmdir(dir: Inode, dentry: Dentry, unlink?: Unlink): number
  simple_rename_exchange(old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry): number
  renameOver(old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry, unlink?: Unlink): number
  simple_rename(
    idmap: MntIdmap, old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry, flags: number,
  ): number
  readonly simple_dir_operations: FileOperations

  // vfs/super.ts
  anonymousDev(): number
  alloc_super(
    type: FileSystemType, flags: number, user_ns: UserNamespace, s_op: SuperOperations,
    s_xattr: readonly XattrHandler[], fs: unknown,
  ): SuperBlock | null
  activate(sb: SuperBlock, root: Dentry): void
  sget(sb: SuperBlock): void
  sput(sb: SuperBlock): void

  // vfs/file.ts
  path_get(path: Path): void
  path_put(path: Path): void
  alloc_empty_backing_file(flags: number, cred: Cred, user_file: File, user_path: Path): File | number
  fput(file: File): void
  fput_sync(file: File): void
  filp_flush(file: File, owner: object | null): number
  filp_close(file: File, owner: object | null): number
  alloc_file(path: Path, flags: number, fops: FileOperations): File | number
  alloc_file_pseudo(inode: Inode, mnt: VfsMount, name: string, flags: number, fops: FileOperations): File | number

  // vfs/dentry-open.ts
  vfs_open(file: File, path: Path): number
  dentry_open(path: Path, flags: number, cred: Cred, mode?: number): File | number

  // vfs/fs-context.ts
  fs_context_for_mount(type: FileSystem, sb_flags: number): MountContext
  fs_context_for_reconfigure(root: Dentry, sb_flags: number, mask: number): MountContext
  put_fs_context(fc: MountContext): void
  vfs_clean_context(fc: MountContext): void
  vfs_parse_fs_param(fc: MountContext, param: FsParameter): number
  parse_monolithic_mount_data(fc: MountContext, data: string | null): number
  mount_capable(fc: MountContext): boolean
  vfs_get_tree(fc: MountContext): number
  reconfigure_super(fc: MountContext): number
  reconfigure_single(sb: SuperBlock, sb_flags: number, data: string | null): number
  share_super(fc: FsContext, sb: SuperBlock): number
  get_tree_nodev(
    fc: FsContext, s_op: SuperOperations, s_xattr: readonly XattrHandler[], fs: unknown,
    fill: (sb: SuperBlock) => Inode | number,
  ): number

  // vfs/pipe.ts
  readonly pipefs: FileSystem
  create_pipe_files(flags: number): readonly [File, File] | number
  pipe_set_size(pipe: Pipe, arg: number): number
  brokenPipe(): number

  // vfs/special.ts
  special_fops(type: number): FileOperations

  // vfs/anon-inode.ts
  setUpAnonInodes(): void
  anon_inode_getfile(name: string, fops: FileOperations, data: unknown, flags: number): File | number
  anon_inode_create_getfile(name: string, fops: FileOperations, data: unknown, flags: number): File | number
  anon_inode_getfd(name: string, fops: FileOperations, data: unknown, flags: number, cloexec: boolean): number
  installNew(make: () => File | number, cloexec: boolean): number

  // vfs/owner.ts
  send_sigio(file: File): void
  f_setown(file: File, who: number): number
  f_setown_ex(file: File, type: number, nr: number): number
  f_getown(file: File): number
  ownerNr(file: File): number
}
