/** The VFS of one machine: its functions, as the rest of the kernel calls them. */
import type { Vfs } from '../interfaces/vfs.ts'
import type { Machine } from '../machine.ts'
import { bound } from '../state/bound.ts'
import {
  simple_set_acl, do_remove_acl, vfs_set_acl, vfs_get_acl, get_inode_acl, posix_acl_chmod, posix_acl_create,
  simple_acl_create,
} from './acl.ts'
import {
  setUpAnonInodes, anon_inode_getfile, anon_inode_create_getfile, anon_inode_getfd, installNew,
} from './anon-inode.ts'
import { touch_atime, file_accessed } from './atime.ts'
import { notify_change, setattr_prepare, setattr_copy, simple_setattr, inode_newsize_ok } from './attr.ts'
import { splice_direct, vfs_copy_file_range } from './copy-range.ts'
import { may_create } from './create-checks.ts'
import {
  filename_create, vfs_create, vfs_mkobj, vfs_mknod, vfs_mkdir, vfs_symlink, vfs_link, do_mknodat, do_mkdirat,
  do_symlinkat, do_linkat,
} from './create.ts'
import { d_path, getcwd } from './d-path.ts'
import {
  d_alloc, d_instantiate, d_add, d_make_root, d_alloc_pseudo, d_tmpfile, d_drop, d_invalidate_alias, shrink_dcache_sb,
  isEmpty,
} from './dcache.ts'
import { vfs_open, dentry_open } from './dentry-open.ts'
import {
  dquot_initialize, dquot_drop, dquot_alloc_inode, dquot_alloc_space, dquot_free_inode, dquot_free_space,
  dquot_transfer,
} from './dquot.ts'
import { vfs_fallocate } from './fallocate.ts'
import {
  path_get, path_put, alloc_empty_backing_file, fput, fput_sync, filp_flush, filp_close, alloc_file,
  alloc_file_pseudo,
} from './file.ts'
import { vfs_fileattr_get, vfs_fileattr_set } from './fileattr.ts'
import {
  fs_context_for_mount, fs_context_for_reconfigure, put_fs_context, vfs_clean_context, vfs_parse_fs_param,
  parse_monolithic_mount_data, mount_capable, vfs_get_tree, reconfigure_super, reconfigure_single, share_super,
  get_tree_nodev,
} from './fs-context.ts'
import { new_fs_struct, copy_fs_struct, free_fs_struct, set_fs_pwd, set_fs_root, enter_mnt_ns } from './fs-struct.ts'
import { new_inode, inode_init_owner, touchModified, touchChanged, evictIfUnused, ihold, iput } from './inode.ts'
import {
  simple_link, simple_unlink, simple_rmdir, simple_rename_exchange, renameOver, simple_rename, simple_dir_operations,
} from './libfs.ts'
import { fcntl_getlease, generic_add_lease, generic_delete_lease } from './leases.ts'
import { idmapNamespace } from './mount-idmap.ts'
import { may_mount, too_revealing, hasLockedChildren, clone_private_mount } from './mount-places.ts'
import { do_mount_setattr } from './mount-setattr.ts'
import {
  currentMntNs, alloc_mnt_ns, put_mnt_ns, mountNamespaces, alloc_mount, mntput, mntget, joinNs, dissolve_on_fput,
  setApart, detach_mounts, copy_mnt_ns, rootOf, current_chrooted, mnt_may_suid,
} from './mount-tree.ts'
import { path_mount, vfs_submount, loopback } from './mounting.ts'
import { do_move_mount, do_set_group, path_pivot_root } from './moving.ts'
import { send_sigio, f_setown, f_setown_ex, f_getown, ownerNr } from './owner.ts'
import { filename_lookup, user_path_at, lookup_one_qstr_excl, lookup_one } from './path/lookup.ts'
import { do_filp_open, vfs_tmpfile, kernel_tmpfile_open } from './path/open.ts'
import { generic_permission, inode_permission, inode_owner_or_capable, in_group_or_capable } from './path/permission.ts'
import { create_pipe_files, pipe_set_size, brokenPipe, pipefs, setUpPipes } from './pipe.ts'
import { setattr_should_drop_sgid, file_remove_privs } from './privs.ts'
import { do_unlinkat, do_rmdir, vfs_unlink, vfs_rmdir } from './remove.ts'
import { do_renameat2, vfs_rename } from './rename.ts'
import { rw_verify_area, vfs_read, vfs_write, writePos, iterate_dir } from './rw.ts'
import { specialFiles } from './special.ts'
import { vfs_getattr, getattr_nosec, statfs_by_dentry } from './stat.ts'
import { anonymousDev, alloc_super, activate, sget, sput, setUpSupers } from './super.ts'
import { vfs_truncate, do_ftruncate } from './truncate.ts'
import { path_umount } from './umounting.ts'
import { prepare_write, file_modified } from './write-checks.ts'
import {
  setxattrAt, getxattrAt, removexattrAt, vfs_setxattr, vfs_getxattr, vfs_removexattr, vfs_listxattr,
  simple_xattr_list,
} from './xattr.ts'

/** Functions of a machine. */
const functions = {
  // inode.ts
  new_inode, inode_init_owner, touchModified, touchChanged, evictIfUnused, iput,
  // dcache.ts
  d_alloc, d_instantiate, d_add, d_make_root, d_alloc_pseudo, d_tmpfile, d_drop, d_invalidate_alias, shrink_dcache_sb,
  // libfs.ts
  simple_link, simple_unlink, simple_rmdir, simple_rename_exchange, renameOver, simple_rename,
  // super.ts
  anonymousDev, alloc_super, sput,
  // file.ts
  path_put, alloc_empty_backing_file, fput, fput_sync, filp_flush, filp_close, alloc_file, alloc_file_pseudo,
  // dentry-open.ts
  vfs_open, dentry_open,
  // fs-context.ts
  fs_context_for_mount, fs_context_for_reconfigure, put_fs_context, vfs_clean_context, vfs_parse_fs_param,
  parse_monolithic_mount_data, mount_capable, vfs_get_tree, reconfigure_super, reconfigure_single, share_super,
  get_tree_nodev,
  // pipe.ts
  create_pipe_files, pipe_set_size, brokenPipe,
  // anon-inode.ts
  setUpAnonInodes, anon_inode_getfile, anon_inode_create_getfile, anon_inode_getfd, installNew,
  // owner.ts
  send_sigio, f_setown, f_setown_ex, f_getown, ownerNr,
  // path/permission.ts
  generic_permission, inode_permission, inode_owner_or_capable, in_group_or_capable,
  // path/lookup.ts
  filename_lookup, user_path_at, lookup_one_qstr_excl, lookup_one,
  // create-checks.ts
  may_create,
  // remove.ts
  do_unlinkat, do_rmdir, vfs_unlink, vfs_rmdir,
  // path/open.ts
  do_filp_open, vfs_tmpfile, kernel_tmpfile_open,
  // create.ts
  filename_create, vfs_create, vfs_mkobj, vfs_mknod, vfs_mkdir, vfs_symlink, vfs_link, do_mknodat, do_mkdirat,
  do_symlinkat, do_linkat,
  // rename.ts
  do_renameat2, vfs_rename,
  // fs-struct.ts
  free_fs_struct, set_fs_pwd, set_fs_root, enter_mnt_ns,
  // d-path.ts
  d_path, getcwd,
  // mount-tree.ts
  currentMntNs, alloc_mnt_ns, put_mnt_ns, mountNamespaces, alloc_mount, mntput, dissolve_on_fput, setApart,
  detach_mounts, copy_mnt_ns, current_chrooted, mnt_may_suid,
  // mount-places.ts
  may_mount, too_revealing, clone_private_mount,
  // moving.ts
  do_move_mount, do_set_group, path_pivot_root,
  // mounting.ts
  path_mount, vfs_submount, loopback,
  // umounting.ts
  path_umount,
  // mount-idmap.ts
  idmapNamespace,
  // mount-setattr.ts
  do_mount_setattr,
  // atime.ts
  touch_atime, file_accessed,
  // attr.ts
  notify_change, setattr_prepare, setattr_copy, simple_setattr, inode_newsize_ok,
  // privs.ts
  setattr_should_drop_sgid, file_remove_privs,
  // truncate.ts
  vfs_truncate, do_ftruncate,
  // dquot.ts
  dquot_alloc_inode, dquot_alloc_space, dquot_transfer,
  // fallocate.ts
  vfs_fallocate,
  // fileattr.ts
  vfs_fileattr_get, vfs_fileattr_set,
  // write-checks.ts
  prepare_write, file_modified,
  // acl.ts
  simple_set_acl, do_remove_acl, vfs_set_acl, vfs_get_acl, posix_acl_create, simple_acl_create,
  // xattr.ts
  setxattrAt, getxattrAt, removexattrAt, vfs_setxattr, vfs_getxattr, vfs_removexattr, vfs_listxattr,
  simple_xattr_list,
  // rw.ts
  rw_verify_area, vfs_read, vfs_write, iterate_dir,
  // leases.ts
  fcntl_getlease, generic_add_lease, generic_delete_lease,
  // copy-range.ts
  vfs_copy_file_range,
  // stat.ts
  vfs_getattr, statfs_by_dentry,
}

/** Functions that need no machine. */
const plain = {
  // inode.ts
  ihold,
  // dcache.ts
  isEmpty,
  // libfs.ts
  simple_dir_operations,
  // super.ts
  activate, sget,
  // file.ts
  path_get,
  // fs-struct.ts
  new_fs_struct, copy_fs_struct,
  // mount-tree.ts
  mntget, joinNs, rootOf,
  // mount-places.ts
  hasLockedChildren,
  // dquot.ts
  dquot_initialize, dquot_drop, dquot_free_inode, dquot_free_space,
  // acl.ts
  get_inode_acl, posix_acl_chmod,
  // rw.ts
  writePos,
  // copy-range.ts
  splice_direct,
  // stat.ts
  getattr_nosec,
}

export const createVfs = (machine: Machine): Vfs => {
  setUpSupers(machine)
  setUpPipes(machine)
  const { allMounts, mountsById, peerGroups } = machine.mountTable
  const own = {
    ...specialFiles(machine, machine.pipeTable.fops), pipefs: pipefs(machine), allMounts, mountsById, peerGroups,
  }
  const table: Vfs = Object.assign(bound(machine, functions), plain, own)
  // V8 treats the functions of a prototype as constants.
  return Object.create(table) as Vfs
}
