/** Files that stand behind an overlay's open ones (fs/backing-file.c). */
import { EINVAL, EIO, ENODEV } from '@lsmkit/abi'
import type { Cred, File, Path, Vma } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { file_user_path, fileState } from '../../state/vfs/state.ts'
import { ovlFs } from './node.ts'

const opened = (machine: Machine, backing: File | number, open: (file: File) => number): File | number => {
  if (typeof backing === 'number') return backing
  const rc = open(backing)
  if (rc === 0) return backing
  machine.vfs.fput(backing)
  return rc
}

/** As `backing_file_open`, with the caller's present credentials. */
export const openBacking = (machine: Machine, user: File, flags: number, path: Path): File | number => {
  const { vfs, current } = machine
  const backing = vfs.alloc_empty_backing_file(flags, current.task.cred, user, file_user_path(user))
  return opened(machine, backing, (file) => vfs.vfs_open(file, path))
}

export const openTmpfile = (machine: Machine, user: File, flags: number, parent: Path, mode: number): File | number =>
  opened(machine, machine.vfs.alloc_empty_backing_file(flags, machine.current.task.cred, user, user.f_path), (file) =>
    machine.vfs.vfs_tmpfile(parent, file, mode))

/** Runs with the credentials of the mounter of the overlay that `file` is on. */
export const asOwner = <T>(machine: Machine, file: File, run: () => T): T => {
  const cred: Cred = ovlFs(file.f_inode.i_sb).creator_cred
  const old = machine.creds.override_creds(cred)
  try {
    return run()
  } finally {
    machine.creds.revert_creds(old)
  }
}

export const readBacking = (
  machine: Machine, user: File, real: File, buf: GuestBytes, off: number, len: number, pos: number,
): number =>
  asOwner(machine, user, () => machine.vfs.vfs_read(real, buf, off, len, pos))

/** Set-id bits go as the writer's rights say, before the mounter's are taken. */
export const writeBacking = (
  machine: Machine, user: File, real: File, buf: GuestBytes, off: number, len: number, pos: number,
): number => {
  const rc = machine.vfs.file_remove_privs(user)
  if (rc !== 0) return rc
  return asOwner(machine, user, () => machine.vfs.vfs_write(real, buf, off, len, machine.vfs.writePos(real, pos)))
}

/** The mapping is of the real file, and is asked about with the mounter's rights. */
export const mmapBacking = (machine: Machine, user: File, real: File, vma: Vma): number => {
  const { f_op } = fileState(real)
  if (vma.vm_file !== user) return -EIO
  if (f_op.mmap === null) return -ENODEV
  vma.vm_file = real
  return asOwner(machine, user, () => {
    const rc = machine.lsm.mmap_backing_file?.ask(vma, real, user) ?? 0
    return rc !== 0 ? rc : (f_op.mmap?.(real, vma) ?? -EINVAL)
  })
}
