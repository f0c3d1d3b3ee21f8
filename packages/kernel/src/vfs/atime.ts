/** Access times, updated as the mount asks: relatime, noatime, nodiratime or strictatime (fs/inode.c). */
import {
  MNT_NOATIME, MNT_NODIRATIME, MNT_RELATIME, O_NOATIME, S_IFDIR, S_IFMT, S_NOATIME, SB_NOATIME, SB_NODIRATIME,
} from '@lsmkit/abi'
import type { File, Inode, VfsMount } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { mntIsReadonly } from '../state/vfs/mount.ts'
import { inodeState } from '../state/vfs/state.ts'

const DAY = 24 * 60 * 60

/** `a` is not later than `b`. */
const notLater = (aSec: number, aNsec: number, bSec: number, bNsec: number): boolean =>
  aSec < bSec || (aSec === bSec && aNsec <= bNsec)

/** Whether relatime asks for an update: the access time is older than the last change or than a day. */
const relatimeWants = (inode: Inode, nowSec: number): boolean =>
  notLater(inode.i_atime_sec, inode.i_atime_nsec, inode.i_mtime_sec, inode.i_mtime_nsec) ||
  notLater(inode.i_atime_sec, inode.i_atime_nsec, inode.i_ctime_sec, inode.i_ctime_nsec) ||
  nowSec - inode.i_atime_sec >= DAY

export const atime_needs_update = (machine: Machine, mnt: VfsMount, inode: Inode): boolean => {
  const flags = mnt.mnt_flags
  if ((inode.i_flags & S_NOATIME) !== 0 || (flags & MNT_NOATIME) !== 0) return false
  if ((inode.i_sb.s_flags & SB_NOATIME) !== 0) return false
  if ((flags & MNT_NODIRATIME) !== 0 || (inode.i_sb.s_flags & SB_NODIRATIME) !== 0) {
    if ((inode.i_mode & S_IFMT) === S_IFDIR) return false
  }
  if ((flags & MNT_RELATIME) !== 0 && !relatimeWants(inode, machine.lastNow.sec)) return false
  const now = machine.now()
  return inode.i_atime_sec !== now.sec || inode.i_atime_nsec !== now.nsec
}

export const touch_atime = (machine: Machine, mnt: VfsMount, inode: Inode): void => {
  if (!atime_needs_update(machine, mnt, inode) || mntIsReadonly(mnt)) return
  for (const step of machine.onAccess) step(inode)
  const { update_time } = inodeState(inode).i_op
  if (update_time !== null) return update_time(inode)
  const now = machine.now()
  inode.i_atime_sec = now.sec
  inode.i_atime_nsec = now.nsec
}

/** Called after a read. Does nothing for a file opened with O_NOATIME. */
export const file_accessed = (machine: Machine, file: File): void => {
  if ((file.f_flags & O_NOATIME) === 0) touch_atime(machine, file.f_path.mnt, file.f_inode)
}
