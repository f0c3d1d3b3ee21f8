/** Internal mounts of the kernel, in no mount namespace: for pidfds, namespace files and others (kern_mount). */
import { ENOMEM, MNT_INTERNAL, SB_KERNMOUNT, SB_NOUSER, S_IFDIR } from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import { BootError } from '../state/boot-error.ts'
import type { Machine } from '../machine.ts'
import type { Mount } from '../state/vfs/mount.ts'
import { fileOperations, inodeOperations, superOperations } from '../state/vfs/driver.ts'
import type { SuperOperations, XattrHandler } from '../state/vfs/driver.ts'
import { d_make_root } from './dcache.ts'
import { new_inode } from './inode.ts'
import { alloc_mount, mntget } from './mount-tree.ts'
import { activate, alloc_super } from './super.ts'

/** A mount of a new super block of `type` with an empty root. For boot: throws BootError if an LSM refuses it. */
export const pseudoSuper = (
  machine: Machine,
  type: string,
  magic: number,
  s_op: Partial<SuperOperations> = {},
  xattrs: readonly XattrHandler[] = [],
): Mount => {
  const operations = superOperations({
    statfs: (_dentry, buf) => {
      buf.f_type = magic
      return 0
    },
    ...s_op,
  })
  const fs_type = { name: type, fs_flags: 0 }
  const sb = alloc_super(machine, fs_type, SB_KERNMOUNT | SB_NOUSER, machine.init_user_ns, operations, xattrs, null)
  if (sb === null) throw new BootError(-ENOMEM, type)
  sb.s_magic = magic
  const root = new_inode(machine, sb, S_IFDIR | 0o555, inodeOperations({}), fileOperations({}), null)
  if (root === null) throw new BootError(-ENOMEM, type)
  activate(sb, d_make_root(machine, root))
  // as vfs_get_tree does for a mount without options
  const rc = machine.lsm.sb_set_mnt_opts.ask(sb, null, 0, ref(0))
  if (rc !== 0) throw new BootError(rc, type)
  const mount = alloc_mount(machine, sb.s_root!, MNT_INTERNAL, type)
  // the kernel holds it while it runs
  mntget(mount)
  return mount
}
