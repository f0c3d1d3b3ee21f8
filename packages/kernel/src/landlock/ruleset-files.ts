/** Ruleset descriptors, and the files that rules name by descriptor (security/landlock/syscalls.c). */
import {
  EBADF, EBADFD, EINVAL, EPERM, MNT_INTERNAL, O_CLOEXEC, O_RDWR, S_PRIVATE, SB_NOUSER,
} from '@lsmkit/abi'
import type { LandlockRuleset, Path } from '@lsmkit/core'
import { fileOperations } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { fget, fget_raw } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'

const ruleset_fops = fileOperations({
  release: (_inode, file) => (fileState(file).data as LandlockRuleset).release(),
  // both are there so that the file can be opened for reading and writing: rules need one, restricting the other
  read: () => -EINVAL,
  write: () => -EINVAL,
})

/** A descriptor for a new ruleset, or -errno. */
export const openRuleset = (machine: Machine, ruleset: LandlockRuleset): number => {
  const fd = machine.vfs.anon_inode_getfd('[landlock-ruleset]', ruleset_fops, ruleset, O_RDWR | O_CLOEXEC, true)
  if (fd < 0) ruleset.release()
  return fd
}

/** The ruleset of a descriptor that has FMODE_CAN_READ or FMODE_CAN_WRITE, as `mode` asks; -errno otherwise. */
export const rulesetOf = (machine: Machine, fd: number, mode: number): LandlockRuleset | number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  if (fileState(file).f_op !== ruleset_fops) return -EBADFD
  return (file.f_mode & mode) === 0 ? -EPERM : (fileState(file).data as LandlockRuleset)
}

/** As `get_path_from_fd`: a place in a tree that can be mounted, O_PATH or not. */
export const pathOfRule = (machine: Machine, fd: number): Path | number => {
  const file = fget_raw(machine.current.task, fd)
  if (file === null) return -EBADF
  const { mnt, dentry } = file.f_path
  const isPlace = fileState(file).f_op !== ruleset_fops && (mnt.mnt_flags & MNT_INTERNAL) === 0 &&
    (dentry.d_sb.s_flags & SB_NOUSER) === 0 && dentry.d_inode !== null && (dentry.d_inode.i_flags & S_PRIVATE) === 0
  return isPlace ? file.f_path : -EBADFD
}
