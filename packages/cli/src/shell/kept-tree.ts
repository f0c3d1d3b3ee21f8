/** The tree of a `lsm shell` that starts anew when a module has changed: in a file, from one process to the next. */
import { readFileSync, writeFileSync } from 'node:fs'
import { deserialize, serialize } from 'node:v8'
import {
  AT_FDCWD, AT_SYMLINK_NOFOLLOW, EEXIST, errnoName, O_CREAT, O_TRUNC, O_WRONLY, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { memoryTree } from '@lsmkit/kernel/memory-tree'
import type { MemoryFile } from '@lsmkit/kernel/memory-tree'
import { CommandError } from '../command-error.ts'

export interface KeptTree {
  readonly files: readonly MemoryFile[]
  /** Directory of the shell. */
  readonly cwd: string
}

export const saveTree = ({ sys, init }: Kernel, shell: Task, path: string): void => {
  const name = new Uint8Array(4096)
  const length = sys.getcwd(shell, name)
  const cwd = length > 0 ? new TextDecoder().decode(name.subarray(0, length - 1)) : '/home'
  const tree: KeptTree = { files: memoryTree(init), cwd }
  writeFileSync(path, serialize(tree), { mode: 0o600 })
}

/** Null where none was saved. The file is of our own process's making, in a folder that only its user can enter. */
export const readTree = (path: string): KeptTree | null => {
  try {
    return deserialize(readFileSync(path)) as KeptTree
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Makes the files by init, so that the modules see each of them come. Throws where they refuse one. */
export const restoreTree = (kernel: Kernel, files: readonly MemoryFile[]): void => {
  for (const file of files) {
    make(kernel, file)
    if (file.linkTo === null) dress(kernel, file)
  }
  // a directory is changed by what is made in it
  for (const { path, mtime: [tv_sec, tv_nsec] } of files.toReversed()) {
    const time = { tv_sec, tv_nsec }
    kernel.sys.utimensat(kernel.init, AT_FDCWD, path, [time, time], AT_SYMLINK_NOFOLLOW)
  }
}

const make = ({ sys, init }: Kernel, { path, mode, data, linkTo }: MemoryFile): void => {
  if (linkTo !== null) return void must(sys.linkat(init, AT_FDCWD, linkTo, AT_FDCWD, path, 0), path)
  switch (mode & S_IFMT) {
    case S_IFDIR: {
      const rc = sys.mkdirat(init, AT_FDCWD, path, mode & 0o7777)
      // where the kernel mounts file systems of its own
      return void must(rc === -EEXIST ? 0 : rc, path)
    }
    case S_IFLNK: return void must(sys.symlinkat(init, data as string, AT_FDCWD, path), path)
    case S_IFREG: {
      const bytes = data as Uint8Array
      const fd = must(sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, 0o600), path)
      for (let at = 0; at < bytes.length;) at += must(sys.write(init, fd, bytes.subarray(at)), path)
      return void must(sys.close(init, fd), path)
    }
    default: must(sys.mknod(init, path, mode, typeof data === 'number' ? data : 0), path)
  }
}

const dress = ({ sys, init }: Kernel, { path, mode, uid, gid, attributes }: MemoryFile): void => {
  must(sys.fchownat(init, AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW), path)
  if ((mode & S_IFMT) !== S_IFLNK) must(sys.fchmodat(init, AT_FDCWD, path, mode & 0o7777), path)
  // a label of a module that is not on the stack any more cannot be set, and need not be
  for (const [name, value] of attributes) sys.lsetxattr(init, path, name, value, 0)
}

const must = (rc: number, what: string): number => {
  if (rc < 0) throw new CommandError('badInput', `the tree cannot be restored: ${what}: ${errnoName(rc)}`)
  return rc
}
