/**
 * devtmpfs: a tmpfs that all mounts share, with the kernel's device nodes in it (drivers/base/devtmpfs.c). It is made
 * when it is first mounted: kernels of programs that reach no device do without.
 */
import { MNT_NOEXEC, MNT_NOSUID, S_IFCHR } from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { textParameter } from '../../vfs/fs-context.ts'
import type { FileSystem } from '../../state/vfs/driver.ts'
import { legacyType } from '../legacy.ts'
import { tmpfs } from '../tmpfs/tmpfs.ts'
import { deviceNames } from './chrdev.ts'

/** Where device directories usually lead; made here because no udev runs. */
const LINKS: readonly (readonly [name: string, target: string])[] = [
  ['fd', '/proc/self/fd'], ['stdin', '/proc/self/fd/0'], ['stdout', '/proc/self/fd/1'], ['stderr', '/proc/self/fd/2'],
]

/** The kernel's own mount, which keeps the nodes; as `devtmpfs_init`. Answers its root, or -errno. */
const mountInternal = (machine: Machine): Dentry | number => {
  const { vfs } = machine
  // the super block has this type, so that it is remounted as a tmpfs
  const internal: FileSystem = { ...tmpfs(machine), name: 'devtmpfs', fs_flags: 0 }
  const fc = vfs.fs_context_for_mount(internal, 0)
  const rc = vfs.vfs_parse_fs_param(fc, textParameter('source', 'devtmpfs')) ||
    vfs.parse_monolithic_mount_data(fc, 'mode=0755') || vfs.vfs_get_tree(fc)
  if (rc !== 0) return rc
  const mount = vfs.alloc_mount(fc.root!, MNT_NOSUID | MNT_NOEXEC, 'devtmpfs')
  vfs.put_fs_context(fc)
  return mount.mnt_root
}

/** The directory of a device, which is made on the way (`create_path`); null if an LSM refused it. */
const parentOf = ({ vfs }: Machine, root: Dentry, name: string): { dir: Dentry | null; last: string } => {
  const at = name.lastIndexOf('/')
  if (at < 0) return { dir: root, last: name }
  const dir = vfs.d_alloc(root, name.slice(0, at))
  const rc = vfs.vfs_mkdir(nop_mnt_idmap, root.d_inode!, dir, 0o755)
  return { dir: rc === 0 ? dir : null, last: name.slice(at + 1) }
}

/** Makes all nodes, but those that an LSM refuses. The umask does not apply. */
const populate = (machine: Machine, root: Dentry): void => {
  const { vfs } = machine
  const fs = machine.current.task.fs!
  const { umask } = fs
  fs.umask = 0
  for (const { name, rdev, mode } of deviceNames(machine)) {
    const { dir, last } = parentOf(machine, root, name)
    if (dir !== null) vfs.vfs_mknod(nop_mnt_idmap, dir.d_inode!, vfs.d_alloc(dir, last), S_IFCHR | mode, rdev)
  }
  for (const [name, target] of LINKS) vfs.vfs_symlink(nop_mnt_idmap, root.d_inode!, vfs.d_alloc(root, name), target)
  fs.umask = umask
}

export const devtmpfs = (machine: Machine): FileSystem => {
  const { vfs } = machine
  let made: Dentry | null = null
  const make = (): Dentry | number => {
    const root = mountInternal(machine)
    if (typeof root === 'number') return root
    populate(machine, root)
    return (made = root)
  }
  return legacyType({
    name: 'devtmpfs',
    fs_flags: 0,
    /** As `public_dev_mount`: the flags and options of the newest mount apply to all. */
    mount(fc, data) {
      // whoever mounts it first, the nodes are the kernel's
      const root = made ?? machine.as(machine.idle, make)
      if (typeof root === 'number') return root
      return vfs.reconfigure_single(root.d_sb, fc.sb_flags, data) || vfs.share_super(fc, root.d_sb)
    },
  })
}
