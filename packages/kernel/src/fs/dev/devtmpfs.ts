/** devtmpfs: a tmpfs that all mounts share, with the kernel's device nodes in it (drivers/base/devtmpfs.c). */
import { MNT_NOEXEC, MNT_NOSUID, S_IFCHR } from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, KeyMap, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { FileSystem } from '../driver.ts'
import { tmpfs } from '../tmpfs/tmpfs.ts'
import { DEVICES } from './chrdev.ts'

/** Where device directories usually lead; made here because no udev runs. */
const LINKS: readonly (readonly [name: string, target: string])[] = [
  ['fd', '/proc/self/fd'], ['stdin', '/proc/self/fd/0'], ['stdout', '/proc/self/fd/1'], ['stderr', '/proc/self/fd/2'],
]

export const devtmpfs = (lsm: KeyMap, machine: Machine): FileSystem => {
  const { vfs } = machine
  const base = tmpfs(lsm, machine)
  let shared: SuperBlock | null = null

  /** Made with umask 0 whoever mounts first; what an LSM refuses is missing. */
  const populate = (root: Dentry): void => {
    const dir = root.d_inode!
    const fs = machine.current.task.fs!
    const { umask } = fs
    fs.umask = 0
    for (const { name, rdev, mode } of DEVICES)
      vfs.vfs_mknod(nop_mnt_idmap, dir, vfs.d_alloc(root, name), S_IFCHR | mode, rdev)
    for (const [name, target] of LINKS) vfs.vfs_symlink(nop_mnt_idmap, dir, vfs.d_alloc(root, name), target)
    fs.umask = umask
  }

  return {
    ...base,
    name: 'devtmpfs',
    fs_flags: 0,
    get_tree(fc) {
      if (shared !== null && shared.s_root !== null) return vfs.share_super(fc, shared)
      const rc = base.get_tree(fc)
      if (rc !== 0) return rc
      const root = fc.root!
      root.d_inode!.i_mode = (root.d_inode!.i_mode & ~0o7777) | 0o755
      shared = root.d_sb
      // the kernel keeps a mount of its own, so the nodes outlive every other
      vfs.alloc_mount(root, MNT_NOSUID | MNT_NOEXEC, 'devtmpfs')
      populate(root)
      return 0
    },
  }
}
