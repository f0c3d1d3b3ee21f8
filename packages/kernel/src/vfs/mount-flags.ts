/**
 * Flags of mounts: their encodings in mount(2), fsmount(2) and mount_setattr(2), and the flags that less privileged
 * namespaces may not clear.
 */
import {
  MNT_ATIME_MASK, MNT_LOCK_ATIME, MNT_LOCK_NODEV, MNT_LOCK_NOEXEC, MNT_LOCK_NOSUID, MNT_LOCK_READONLY, MNT_NOATIME,
  MNT_NODEV, MNT_NODIRATIME, MNT_NOEXEC, MNT_NOSUID, MNT_NOSYMFOLLOW, MNT_READONLY, MNT_RELATIME, MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME, MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NOSYMFOLLOW, MOUNT_ATTR_RDONLY, MS_NOATIME,
  MS_NODEV, MS_NODIRATIME, MS_NOEXEC, MS_NOSUID, MS_NOSYMFOLLOW, MS_RDONLY, MS_RELATIME, MS_REMOUNT, MS_STRICTATIME,
} from '@lsmkit/abi'
import type { Mount } from '../state/vfs/mount.ts'

type FlagMap = readonly (readonly [number, number])[]

/** The flags of mount(2) that apply to the mount, not to the file system. */
const MOUNT_FLAGS: FlagMap = [
  [MS_NOSUID, MNT_NOSUID], [MS_NODEV, MNT_NODEV], [MS_NOEXEC, MNT_NOEXEC], [MS_NOATIME, MNT_NOATIME],
  [MS_NODIRATIME, MNT_NODIRATIME], [MS_RDONLY, MNT_READONLY], [MS_NOSYMFOLLOW, MNT_NOSYMFOLLOW],
]
const ATTR_FLAGS: FlagMap = [
  [MOUNT_ATTR_RDONLY, MNT_READONLY], [MOUNT_ATTR_NOSUID, MNT_NOSUID], [MOUNT_ATTR_NODEV, MNT_NODEV],
  [MOUNT_ATTR_NOEXEC, MNT_NOEXEC], [MOUNT_ATTR_NODIRATIME, MNT_NODIRATIME], [MOUNT_ATTR_NOSYMFOLLOW, MNT_NOSYMFOLLOW],
]
const LOCKS: FlagMap = [
  [MNT_LOCK_READONLY, MNT_READONLY],
  [MNT_LOCK_NODEV, MNT_NODEV],
  [MNT_LOCK_NOSUID, MNT_NOSUID],
  [MNT_LOCK_NOEXEC, MNT_NOEXEC],
]
const SAME_ATIME = MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME

const translate = (flags: number, map: FlagMap): number => {
  let out = 0
  for (const [from, to] of map) if ((flags & from) !== 0) out |= to
  return out
}

/** MNT_* of the flags of mount(2). The default is relatime; a remount keeps flags that it does not mention. */
export const mountFlags = (flags: number, before: number): number => {
  let mnt_flags = ((flags & MS_NOATIME) === 0 ? MNT_RELATIME : 0) | translate(flags, MOUNT_FLAGS)
  if ((flags & MS_STRICTATIME) !== 0) mnt_flags &= ~(MNT_RELATIME | MNT_NOATIME)
  if ((flags & MS_REMOUNT) !== 0 && (flags & SAME_ATIME) === 0) {
    mnt_flags = (mnt_flags & ~MNT_ATIME_MASK) | (before & MNT_ATIME_MASK)
  }
  return mnt_flags
}

/** MNT_* of MOUNT_ATTR_*, without the access time. */
export const attr_flags_to_mnt_flags = (attr_flags: number): number => translate(attr_flags, ATTR_FLAGS)

/** Whether the new flags keep those that a more privileged namespace has locked. */
export const can_change_locked_flags = (mount: Mount, mnt_flags: number): boolean => {
  const own = mount.mnt_flags
  for (const [lock, flag] of LOCKS) if ((own & lock) !== 0 && (mnt_flags & flag) === 0) return false
  return (own & MNT_LOCK_ATIME) === 0 || (own & MNT_ATIME_MASK) === (mnt_flags & MNT_ATIME_MASK)
}
