/** Unmounting (umount2(2), path_umount of fs/namespace.c). */
import {
  CAP_SYS_ADMIN, EAGAIN, EBUSY, EINVAL, EPERM, MNT_DETACH, MNT_EXPIRE, MNT_FORCE, MNT_LOCKED, SB_RDONLY,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Dentry, FsStruct, Path, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { asMount, path_mounted } from '../state/vfs/mount.ts'
import type { Mount } from '../state/vfs/mount.ts'
import { fs_context_for_reconfigure, reconfigure_super, put_fs_context } from './fs-context.ts'
import { may_mount } from './mount-places.ts'
import { propagate_mount_busy, umount_propagated, check_mnt } from './mount-tree.ts'

/** Unmounting the caller's root only makes it read-only. */
const umountRoot = (machine: Machine, sb: SuperBlock): number => {
  if (!ns_capable(machine.lsm, machine.current, sb.s_user_ns, CAP_SYS_ADMIN)) return -EPERM
  if ((sb.s_flags & SB_RDONLY) !== 0) return 0
  const fc = fs_context_for_reconfigure(machine, sb.s_root as Dentry, SB_RDONLY, SB_RDONLY)
  const rc = reconfigure_super(machine, fc)
  put_fs_context(machine, fc)
  return rc
}

const do_umount = (machine: Machine, mount: Mount, flags: number): number => {
  const rc = machine.lsm.sb_umount.ask(mount, flags)
  if (rc !== 0) return rc
  const isOwnRoot = (machine.current.task.fs as FsStruct).root.mnt === mount
  if ((flags & MNT_EXPIRE) !== 0) {
    if (isOwnRoot || (flags & (MNT_FORCE | MNT_DETACH)) !== 0) return -EINVAL
    if (mount.users > 0 || mount.children.size > 0) return -EBUSY
    if (!mount.expires) {
      mount.expires = true
      return -EAGAIN
    }
  }
  if (isOwnRoot && (flags & MNT_DETACH) === 0) return umountRoot(machine, mount.mnt_sb)
  if ((mount.mnt_flags & MNT_LOCKED) !== 0) return -EINVAL
  if ((flags & MNT_DETACH) === 0 && propagate_mount_busy(machine, mount)) return -EBUSY
  umount_propagated(machine, mount)
  return 0
}

export const path_umount = (machine: Machine, path: Path, flags: number): number => {
  if (!may_mount(machine)) return -EPERM
  const mount = asMount(path.mnt)
  if (!path_mounted(path) || !check_mnt(machine, mount) || (mount.mnt_flags & MNT_LOCKED) !== 0) return -EINVAL
  if ((flags & MNT_FORCE) !== 0 && !ns_capable(machine.lsm, machine.current, path.dentry.d_sb.s_user_ns, CAP_SYS_ADMIN))
    return -EPERM
  return do_umount(machine, mount, flags)
}
