/** Ruleset descriptors, and the files that rules name by descriptor (security/landlock/syscalls.c). */
import {
  EBADF, EBADFD, EINVAL, EPERM, FMODE_CAN_READ, FMODE_CAN_WRITE, MNT_INTERNAL, O_CLOEXEC, O_RDWR, S_PRIVATE, SB_NOUSER,
} from '@lsmkit/abi'
import type { LandlockRuleset, Path } from '@lsmkit/core'
import { fileOperations } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { fget, fget_raw } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'

export const rulesetFiles = (machine: Machine) => {
  const { current } = machine
  const fops = fileOperations({
    release: (_inode, file) => (fileState(file).data as LandlockRuleset).release(),
    // being there, these make the file one that can be read and written: rules need the one, restricting the other
    read: () => -EINVAL,
    write: () => -EINVAL,
  })

  const open = (ruleset: LandlockRuleset): number => {
    const fd = machine.vfs.anon_inode_getfd('[landlock-ruleset]', fops, ruleset, O_RDWR | O_CLOEXEC, true)
    if (fd < 0) ruleset.release()
    return fd
  }

  const get = (fd: number, mode: number): LandlockRuleset | number => {
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    if (fileState(file).f_op !== fops) return -EBADFD
    return (file.f_mode & mode) === 0 ? -EPERM : (fileState(file).data as LandlockRuleset)
  }

  /** As `get_path_from_fd`: a place of a tree that can be mounted, O_PATH or not. */
  const pathOf = (fd: number): Path | number => {
    const file = fget_raw(current.task, fd)
    if (file === null) return -EBADF
    const { mnt, dentry } = file.f_path
    const isPlace = fileState(file).f_op !== fops && (mnt.mnt_flags & MNT_INTERNAL) === 0 &&
      (dentry.d_sb.s_flags & SB_NOUSER) === 0 && dentry.d_inode !== null && (dentry.d_inode.i_flags & S_PRIVATE) === 0
    return isPlace ? file.f_path : -EBADFD
  }

  return {
    open, pathOf,
    toWrite: (fd: number) => get(fd, FMODE_CAN_WRITE),
    toRead: (fd: number) => get(fd, FMODE_CAN_READ),
  }
}
