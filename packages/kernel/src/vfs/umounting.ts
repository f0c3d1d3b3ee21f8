/** Taking mounts away (umount2(2), path_umount of fs/namespace.c). */
import {
  CAP_SYS_ADMIN, EAGAIN, EBUSY, EINVAL, EPERM, MNT_DETACH, MNT_EXPIRE, MNT_FORCE, MNT_LOCKED, SB_RDONLY,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Dentry, FsStruct, KeyMap, Path, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { FsContexts } from './fs-context.ts'
import type { MountPlaces } from './mount-places.ts'
import type { MountTree } from './mount-tree.ts'
import { asMount, path_mounted } from '../state/vfs/mount.ts'
import type { Mount } from '../state/vfs/mount.ts'

export const umounting = (
  lsm: KeyMap,
  machine: Machine,
  { check_mnt, umount_propagated, propagate_mount_busy }: MountTree,
  { may_mount }: MountPlaces,
  { fs_context_for_reconfigure, put_fs_context, reconfigure_super }: FsContexts,
) => {
  const { current } = machine

  /** Unmounting the caller's root makes it read-only instead. */
  const umountRoot = (sb: SuperBlock): number => {
    if (!ns_capable(lsm, current, sb.s_user_ns, CAP_SYS_ADMIN)) return -EPERM
    if ((sb.s_flags & SB_RDONLY) !== 0) return 0
    const fc = fs_context_for_reconfigure(sb.s_root as Dentry, SB_RDONLY, SB_RDONLY)
    const rc = reconfigure_super(fc)
    put_fs_context(fc)
    return rc
  }

  const do_umount = (mount: Mount, flags: number): number => {
    const rc = lsm.sb_umount.ask(mount, flags)
    if (rc !== 0) return rc
    const isOwnRoot = (current.task.fs as FsStruct).root.mnt === mount
    if ((flags & MNT_EXPIRE) !== 0) {
      if (isOwnRoot || (flags & (MNT_FORCE | MNT_DETACH)) !== 0) return -EINVAL
      if (mount.users > 0 || mount.children.size > 0) return -EBUSY
      if (!mount.expires) {
        mount.expires = true
        return -EAGAIN
      }
    }
    if (isOwnRoot && (flags & MNT_DETACH) === 0) return umountRoot(mount.mnt_sb)
    if ((mount.mnt_flags & MNT_LOCKED) !== 0) return -EINVAL
    if ((flags & MNT_DETACH) === 0 && propagate_mount_busy(mount)) return -EBUSY
    umount_propagated(mount)
    return 0
  }

  const path_umount = (path: Path, flags: number): number => {
    if (!may_mount()) return -EPERM
    const mount = asMount(path.mnt)
    if (!path_mounted(path) || !check_mnt(mount) || (mount.mnt_flags & MNT_LOCKED) !== 0) return -EINVAL
    if ((flags & MNT_FORCE) !== 0 && !ns_capable(lsm, current, path.dentry.d_sb.s_user_ns, CAP_SYS_ADMIN)) return -EPERM
    return do_umount(mount, flags)
  }

  return { path_umount }
}
