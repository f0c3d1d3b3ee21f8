/** Functions of this kernel that programs may be put around: their tables, and Linux's order of arguments. */
import type { Dentry, File, FunctionName, Iattr, Inode, MntIdmap, Path, Task, TracedFunction } from '@lsmkit/core'
import type { Renaming } from '../interfaces/vfs-names.ts'
import type { Machine } from '../machine.ts'
import type { OpenFlags } from '../state/vfs/open-flags.ts'
import { guestFrom } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'

type View = TracedFunction['view']

/** `struct filename`; what is no text is no name. */
const filename = (name: unknown): object | null => (typeof name === 'string' ? { name } : null)

const transfer: View = (file: File, buf: GuestBytes, off: number, len: number, pos: number) =>
  [file, guestFrom(buf, off), len, { value: pos }]
const same: View = (...args: unknown[]) => args
const named: View = (dfd: number, name: unknown, ...rest: unknown[]) => [dfd, filename(name), ...rest]

const views: Readonly<Record<FunctionName, View>> = {
  vfs_read: transfer, vfs_write: transfer,
  vfs_open: (file: File, path: Path) => [path, file],
  filp_close: same, vfs_truncate: same, vfs_fallocate: same,
  vfs_unlink: (idmap: MntIdmap, dir: Inode, dentry: Dentry) => [idmap, dir, dentry, null],
  vfs_rmdir: same, vfs_mkdir: same, vfs_mknod: same,
  vfs_create: (idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number) => [idmap, dir, dentry, mode, true],
  vfs_symlink: same,
  vfs_link: (old: Dentry, idmap: MntIdmap, dir: Inode, dentry: Dentry) => [old, idmap, dir, dentry, null],
  vfs_rename: (renaming: Renaming) => [renaming],
  vfs_setxattr: (idmap: MntIdmap, dentry: Dentry, name: string, value: Uint8Array, flags: number) =>
    [idmap, dentry, name, value, value.length, flags],
  notify_change: (idmap: MntIdmap, dentry: Dentry, attr: Iattr) => [idmap, dentry, attr, null],
  do_unlinkat: named, do_rmdir: named, do_mkdirat: named,
  do_renameat2: (olddfd: number, from: unknown, newdfd: number, to: unknown, flags: number) =>
    [olddfd, filename(from), newdfd, filename(to), flags],
  do_symlinkat: (target: unknown, dfd: number, name: unknown) => [filename(target), dfd, filename(name)],
  do_linkat: (olddfd: number, old: unknown, newdfd: number, name: unknown, flags: number) =>
    [olddfd, filename(old), newdfd, filename(name), flags],
  do_filp_open: (dfd: number, name: unknown, op: OpenFlags) => [dfd, filename(name), op],
  kernel_clone: same,
  do_exit: (_task: Task, code: number) => [code], do_group_exit: (_task: Task, code: number) => [code],
  path_mount: same, path_umount: same, commit_creds: same, begin_new_exec: same,
}

/** Gives the stack's tracing the tables through which this kernel calls them. */
export const provideFunctions = (machine: Machine): void => {
  machine.tracing.functions.provide((name) => {
    const rooms = [machine.vfs, machine.creds, machine.exec, machine.forks, machine.exits]
    const tables = rooms.flatMap((table) => [table, Object.getPrototypeOf(table) as object])
    return { table: tables.find((table) => Object.hasOwn(table, name))!, view: views[name] }
  })
}
