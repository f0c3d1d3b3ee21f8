/** Root, working directory and umask of tasks (fs/fs_struct.c). */
import type { FsStruct, Path } from '@lsmkit/core'
import type { OpenFiles } from './file.ts'
import type { MountTree } from './mount-tree.ts'
import type { MountNamespace } from '../state/vfs/mount.ts'

export const fsStructs = ({ path_get, path_put }: OpenFiles, { rootOf }: MountTree) => {
  const new_fs_struct = (root: Path, pwd: Path, umask: number): FsStruct => {
    path_get(root)
    path_get(pwd)
    return { users: 1, umask, root, pwd }
  }

  const copy_fs_struct = (fs: FsStruct): FsStruct => new_fs_struct(fs.root, fs.pwd, fs.umask)

  /** The places go; the count of users is the caller's business. */
  const free_fs_struct = (fs: FsStruct): void => {
    path_put(fs.root)
    path_put(fs.pwd)
  }

  const set_fs_pwd = (fs: FsStruct, path: Path): void => {
    const before = fs.pwd
    path_get(path)
    fs.pwd = path
    path_put(before)
  }

  const set_fs_root = (fs: FsStruct, path: Path): void => {
    const before = fs.root
    path_get(path)
    fs.root = path
    path_put(before)
  }

  /** setns into a mount namespace: root and working directory become its root. */
  const enter_mnt_ns = (fs: FsStruct, ns: MountNamespace): void => {
    const root = rootOf(ns)
    set_fs_pwd(fs, root)
    set_fs_root(fs, root)
  }

  return { new_fs_struct, copy_fs_struct, free_fs_struct, set_fs_pwd, set_fs_root, enter_mnt_ns }
}

export type FsStructs = ReturnType<typeof fsStructs>
