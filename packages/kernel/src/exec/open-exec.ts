/** Opening a program: its file cannot be written until the program has been loaded. */
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, EACCES, EINVAL, FMODE_EXEC, MAY_EXEC, O_LARGEFILE, O_RDONLY, S_IFMT,
  S_IFREG,
} from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { allow_write_access, deny_write_access } from '../vfs/file.ts'
import { LOOKUP_EMPTY, LOOKUP_FOLLOW, LOOKUP_OPEN } from '../state/vfs/lookup-flags.ts'
import { path_noexec } from '../state/vfs/mount.ts'

/** As `do_open_execat`: open for execution and closed to writers, or -errno. */
export const do_open_execat = (machine: Machine, dfd: number, name: string, flags: number): File | number => {
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL
  const lookup_flags = (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0)
  const open_flag = O_LARGEFILE | O_RDONLY | FMODE_EXEC
  const file = machine.vfs.do_filp_open(dfd, name, {
    open_flag,
    mode: 0,
    acc_mode: MAY_EXEC,
    intent: LOOKUP_OPEN,
    lookup_flags,
  })
  if (typeof file === 'number') return file
  const isFile = (file.f_inode.i_mode & S_IFMT) === S_IFREG
  const rc = !isFile || path_noexec(file.f_path) ? -EACCES : deny_write_access(file.f_inode)
  if (rc === 0) return file
  machine.vfs.fput(file)
  return rc
}

/** As `open_exec`: opens a file for a binary format, such as an interpreter. */
export const open_exec = (machine: Machine, name: string): File | number => do_open_execat(machine, AT_FDCWD, name, 0)

/** Writers may come back; the file goes after the call has returned. */
export const closeExec = (machine: Machine, file: File): void => {
  allow_write_access(file.f_inode)
  machine.callRcu(() => machine.vfs.fput(file))
}
