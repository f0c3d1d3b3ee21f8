/** Files that stand behind an overlay's open ones (fs/backing-file.c). */
import { EINVAL, EIO, ENODEV } from '@lsmkit/abi'
import type { Cred, File, Path, Vma } from '@lsmkit/core'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import type { Machine } from '../../machine.ts'
import { file_user_path, fileState } from '../../state/vfs/state.ts'
import { ovlFs } from './node.ts'

export const backingFiles = ({ vfs, creds, lsm, current }: Machine) => {
  const opened = (backing: File | number, open: (file: File) => number): File | number => {
    if (typeof backing === 'number') return backing
    const rc = open(backing)
    if (rc === 0) return backing
    vfs.fput(backing)
    return rc
  }

  /** As `backing_file_open`, with the caller's present credentials. */
  const openBacking = (user: File, flags: number, path: Path): File | number =>
    opened(vfs.alloc_empty_backing_file(flags, current.task.cred, user, file_user_path(user)), (file) =>
      vfs.vfs_open(file, path))
  const openTmpfile = (user: File, flags: number, parent: Path, mode: number): File | number =>
    opened(vfs.alloc_empty_backing_file(flags, current.task.cred, user, user.f_path), (file) =>
      vfs.vfs_tmpfile(parent, file, mode))

  /** Runs with the rights of who mounted the overlay that `file` is on. */
  const asOwner = <T>(file: File, run: () => T): T => {
    const cred: Cred = ovlFs(file.f_inode.i_sb).creator_cred
    const old = creds.override_creds(cred)
    try {
      return run()
    } finally {
      creds.revert_creds(old)
    }
  }

  const read = (user: File, real: File, buf: GuestBytes, off: number, len: number, pos: number): number =>
    asOwner(user, () => vfs.vfs_read(real, buf, off, len, pos))

  /** Set-id bits go as the writer's rights say, before the mounter's are taken. */
  const write = (user: File, real: File, buf: GuestBytes, off: number, len: number, pos: number): number => {
    const rc = vfs.file_remove_privs(user)
    return rc !== 0 ? rc : asOwner(user, () => vfs.vfs_write(real, buf, off, len, vfs.writePos(real, pos)))
  }

  /** The mapping is of the real file, and is asked about with the mounter's rights. */
  const mmap = (user: File, real: File, vma: Vma): number => {
    const { f_op } = fileState(real)
    if (vma.vm_file !== user) return -EIO
    if (f_op.mmap === null) return -ENODEV
    vma.vm_file = real
    return asOwner(user, () => {
      const rc = lsm.mmap_backing_file.ask(vma, real, user)
      return rc !== 0 ? rc : (f_op.mmap?.(real, vma) ?? -EINVAL)
    })
  }

  return { openBacking, openTmpfile, asOwner, read, write, mmap }
}
export type BackingFiles = ReturnType<typeof backingFiles>
