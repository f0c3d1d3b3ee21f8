/** mount_setattr(2): flags, propagation and id mapping of a mount or a whole tree (fs/namespace.c). */
import {
  EBUSY, EINVAL, EPERM, MNT_NOATIME, MNT_RELATIME, MOUNT_ATTR__ATIME, MOUNT_ATTR_NOATIME, MOUNT_ATTR_RELATIME,
  MOUNT_ATTR_STRICTATIME,
} from '@lsmkit/abi'
import type { Path, UserNamespace } from '@lsmkit/core'
import type { MountChange } from '../interfaces/vfs-mounts.ts'
import type { Machine } from '../machine.ts'
import { asMount, path_mounted } from '../state/vfs/mount.ts'
import type { Mount } from '../state/vfs/mount.ts'
import { attr_flags_to_mnt_flags, can_change_locked_flags } from './mount-flags.ts'
import { can_idmap_mount, alloc_mnt_idmap } from './mount-idmap.ts'
import type { WantedIdmap } from './mount-idmap.ts'
import { check_mnt, subtree } from './mount-tree.ts'
import { holdWriters, changeType } from './mounting.ts'

/** MNT_* of the access time in MOUNT_ATTR_*, or -EINVAL for an unknown value. */
export const atimeFlags = (attr: number): number => {
  switch (attr & MOUNT_ATTR__ATIME) {
    case MOUNT_ATTR_RELATIME:
      return MNT_RELATIME
    case MOUNT_ATTR_NOATIME:
      return MNT_NOATIME
    case MOUNT_ATTR_STRICTATIME:
      return 0
    default:
      return -EINVAL
  }
}

/** MOUNT_ATTR_* as a MountChange, or -EINVAL. A change of the access time has to clear all its bits first. */
export const buildMountChange = (
  attr_set: number,
  attr_clr: number,
  propagation: number,
  recurse: boolean,
): MountChange | number => {
  let set = attr_flags_to_mnt_flags(attr_set)
  let clear = attr_flags_to_mnt_flags(attr_clr)
  if ((attr_clr & MOUNT_ATTR__ATIME) === 0) {
    return (attr_set & MOUNT_ATTR__ATIME) !== 0 ? -EINVAL : { set, clear, propagation, recurse }
  }
  const atime = atimeFlags(attr_set)
  if ((attr_clr & MOUNT_ATTR__ATIME) !== MOUNT_ATTR__ATIME || atime < 0) return -EINVAL
  set |= atime
  clear |= MNT_RELATIME | MNT_NOATIME
  return { set, clear, propagation, recurse }
}

const flagsOf = (mount: Mount, change: MountChange): number => (mount.mnt_flags & ~change.clear) | change.set

const mountMayChange = (machine: Machine, mount: Mount, change: MountChange, wanted: WantedIdmap | null): number => {
  const flags = flagsOf(mount, change)
  if (!can_change_locked_flags(mount, flags)) return -EPERM
  if (wanted === null) return holdWriters(mount, flags)
  const rc = can_idmap_mount(machine, mount, wanted)
  return rc !== 0 ? rc : mount.writers > 0 ? -EBUSY : 0
}

/**
 * As `do_mount_setattr`: changes the whole tree or nothing. `idmapped`: the user namespace of a new mapping, or null.
 */
export const do_mount_setattr = (
  machine: Machine, path: Path, change: MountChange, idmapped: UserNamespace | null,
): number => {
  if (!path_mounted(path)) return -EINVAL
  const wanted = idmapped === null ? null : alloc_mnt_idmap(idmapped)
  if (typeof wanted === 'number') return wanted
  const mount = asMount(path.mnt)
  const ns = mount.mnt_ns
  if (ns === null || ((mount.mnt_parent !== null || !ns.isAnonymous) && !check_mnt(machine, mount))) return -EINVAL
  const all = change.recurse ? [...subtree(mount)] : [mount]
  for (const each of all) {
    const rc = mountMayChange(machine, each, change, wanted)
    if (rc !== 0) return rc
  }
  for (const each of all) {
    each.mnt_flags = flagsOf(each, change)
    if (wanted !== null) each.mnt_idmap = wanted.idmap
  }
  if (change.propagation !== 0) changeType(machine, mount, change.propagation, change.recurse)
  return 0
}
