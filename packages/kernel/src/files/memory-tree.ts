/**
 * The files of the root file system as the kernel itself has them. No hook is asked, so a module that refuses
 * everything hides nothing of them.
 */
import { DCACHE_HASHED, S_IFBLK, S_IFCHR, S_IFLNK, S_IFMT, S_IFREG } from '@lsmkit/abi'
import type { Dentry, Inode, Task } from '@lsmkit/core'
import { tmpfsNode } from '../fs/tmpfs/node.ts'
import { simple_get_link } from '../state/vfs/simple-link.ts'

export interface MemoryFile {
  readonly path: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Seconds and nanoseconds. */
  readonly mtime: readonly [number, number]
  /** Contents of a file, target of a link, number of a device. */
  readonly data: Uint8Array | string | number | null
  /** The path that it is another name of. */
  readonly linkTo: string | null
  readonly attributes: readonly (readonly [name: string, value: Uint8Array])[]
}

/**
 * Every file below the root of `task`, directories before what lies in them, and nothing of other file systems that are
 * mounted there. The root has to be a tmpfs, as that of a kernel that has just booted is.
 */
export const memoryTree = (task: Task): readonly MemoryFile[] => {
  const names = new Map<Inode, string>()
  const files: MemoryFile[] = []
  const walk = (dentry: Dentry, path: string): void => {
    const inode = dentry.d_inode!
    const known = names.get(inode) ?? null
    names.set(inode, path)
    files.push(fileOf(dentry, inode, path, known))
    for (const child of dentry.d_children?.values() ?? []) {
      if (child.d_inode === null || (child.d_flags & DCACHE_HASHED) === 0) continue
      walk(child, `${path === '/' ? '' : path}/${child.d_name.name}`)
    }
  }
  walk(task.fs!.root.dentry, '/')
  return files
}

const fileOf = (dentry: Dentry, inode: Inode, path: string, linkTo: string | null): MemoryFile => {
  const { i_mode, i_uid, i_gid, i_mtime_sec, i_mtime_nsec } = inode
  const { xattrs } = tmpfsNode(inode)
  return {
    path, mode: i_mode, uid: i_uid, gid: i_gid, mtime: [i_mtime_sec, i_mtime_nsec], linkTo,
    data: linkTo === null ? dataOf(dentry, inode) : null,
    attributes: linkTo === null ? (xattrs?.names() ?? []).map((name) => [name, xattrs!.get(name)!.slice()]) : [],
  }
}

const dataOf = (dentry: Dentry, inode: Inode): MemoryFile['data'] => {
  switch (inode.i_mode & S_IFMT) {
    case S_IFREG: {
      const bytes = new Uint8Array(inode.i_size)
      tmpfsNode(inode).pages?.read(bytes, 0, bytes.length, 0)
      return bytes
    }
    case S_IFLNK: return simple_get_link(dentry, inode)
    case S_IFCHR: case S_IFBLK: return inode.i_rdev
    default: return null
  }
}
