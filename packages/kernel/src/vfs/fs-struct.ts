/** Root, working directory and umask of tasks (fs/fs_struct.c). */
import type { FsStruct, Path } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { MountNamespace } from '../state/vfs/mount.ts'
import { path_get, path_put } from './file.ts'
import { rootOf } from './mount-tree.ts'

export const new_fs_struct = (root: Path, pwd: Path, umask: number): FsStruct => {
  path_get(root)
  path_get(pwd)
  return { users: 1, umask, root, pwd }
}

export const copy_fs_struct = (fs: FsStruct): FsStruct => new_fs_struct(fs.root, fs.pwd, fs.umask)

/** Releases root and working directory. The caller has counted the users. */
export const free_fs_struct = (machine: Machine, fs: FsStruct): void => {
  path_put(machine, fs.root)
  path_put(machine, fs.pwd)
}

export const set_fs_pwd = (machine: Machine, fs: FsStruct, path: Path): void => {
  const before = fs.pwd
  path_get(path)
  fs.pwd = path
  path_put(machine, before)
}

export const set_fs_root = (machine: Machine, fs: FsStruct, path: Path): void => {
  const before = fs.root
  path_get(path)
  fs.root = path
  path_put(machine, before)
}

/** For setns(2): sets root and working directory to the root of the namespace. */
export const enter_mnt_ns = (machine: Machine, fs: FsStruct, ns: MountNamespace): void => {
  const root = rootOf(ns)
  set_fs_pwd(machine, fs, root)
  set_fs_root(machine, fs, root)
}
