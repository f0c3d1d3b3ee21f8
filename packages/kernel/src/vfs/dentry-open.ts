/** Opens a file at a path that has been looked up (do_dentry_open of fs/open.c). */
import {
  EINVAL, ENODEV, FAN_OPEN_PERM, FMODE_ATOMIC_POS, FMODE_CAN_ODIRECT, FMODE_CAN_READ, FMODE_CAN_WRITE, FMODE_LSEEK,
  FMODE_NONOTIFY, FMODE_OPENED, FMODE_PATH, FMODE_PREAD, FMODE_PWRITE, FMODE_READ, FMODE_WRITE, FMODE_WRITER, IN_OPEN,
  O_CREAT, O_DIRECT, O_EXCL, O_NOCTTY, O_PATH, O_TRUNC, S_IFDIR, S_IFMT, S_IFREG,
} from '@lsmkit/abi'
import type { Cred, File, Inode, Path } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { asMount, mnt_want_write } from '../state/vfs/mount.ts'
import { fileState, inodeState } from '../state/vfs/state.ts'
import {
  emptyFops, get_write_access, put_write_access, path_get, put_file_access, path_put, alloc_empty_file, fput,
} from './file.ts'
import { break_lease } from './leases.ts'

const isPlain = (mode: number): boolean => (mode & S_IFMT) === S_IFREG || (mode & S_IFMT) === S_IFDIR

/**
 * Counts the file as a reader, or as a writer of its inode and mount. 0 or -errno. Writers of devices, FIFOs and
 * sockets are not counted.
 */
const countUser = (file: File): number => {
  const inode = file.f_inode
  if ((file.f_mode & (FMODE_READ | FMODE_WRITE)) === FMODE_READ) inodeState(inode).i_readcount++
  if ((file.f_mode & FMODE_WRITE) === 0 || !isWritableType(inode.i_mode)) return 0
  let rc = get_write_access(inode)
  if (rc !== 0) return rc
  rc = mnt_want_write(file.f_path.mnt)
  if (rc !== 0) {
    put_write_access(inode)
    return rc
  }
  asMount(file.f_path.mnt).writers++
  file.f_mode |= FMODE_WRITER
  return 0
}

/** Asks file_open, fanotify and leases, then calls the driver. 0 or -errno. */
const openOperations = (machine: Machine, file: File): number => {
  const fop = inodeState(file.f_inode).i_fop
  if (fop === emptyFops && (file.f_inode.i_mode & S_IFMT) !== S_IFDIR && isPlain(file.f_inode.i_mode)) return -ENODEV
  const state = fileState(file)
  state.f_op = fop
  let rc = machine.lsm.file_open.ask(file)
  if (rc !== 0) return rc > 0 ? -EINVAL : rc
  rc = machine.fsnotify.file(FAN_OPEN_PERM, file) || break_lease(machine, file.f_inode, file.f_flags)
  if (rc !== 0) return rc
  file.f_mode |= FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE
  return fop.open === null ? 0 : fop.open(file.f_inode, file)
}

/** Sets f_mode from the operations that the driver has given the file. */
const settleMode = (file: File): void => {
  const { f_op } = fileState(file)
  let mode = file.f_mode | FMODE_OPENED
  if ((mode & FMODE_READ) !== 0 && f_op.read !== null) mode |= FMODE_CAN_READ
  if ((mode & FMODE_WRITE) !== 0 && f_op.write !== null) mode |= FMODE_CAN_WRITE
  if (f_op.llseek === null) mode &= ~FMODE_LSEEK
  file.f_mode = mode
  file.f_flags &= ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC)
}

/** Opens an allocated file at `path`: 0 or -errno. After an error the file is still unopened. */
export const vfs_open = (machine: Machine, file: File, path: Path): number => {
  file.f_path = path
  file.f_inode = path.dentry.d_inode as Inode
  path_get(path)
  if ((file.f_flags & O_PATH) !== 0) {
    file.f_mode = FMODE_PATH | FMODE_OPENED | FMODE_NONOTIFY
    return 0
  }
  let rc = countUser(file)
  if (rc === 0) {
    if (isPlain(file.f_inode.i_mode)) file.f_mode |= FMODE_ATOMIC_POS
    rc = openOperations(machine, file)
    if (rc !== 0) put_file_access(file)
  }
  if (rc !== 0) {
    path_put(machine, path)
    return rc
  }
  settleMode(file)
  if ((file.f_flags & O_DIRECT) !== 0 && (file.f_mode & FMODE_CAN_ODIRECT) === 0) return -EINVAL
  machine.fsnotify.file(IN_OPEN, file)
  return 0
}

/** As `dentry_open`: a new open file at a known path. The caller has checked permissions. */
export const dentry_open = (machine: Machine, path: Path, flags: number, cred: Cred, mode = 0): File | number => {
  const file = alloc_empty_file(machine, flags, cred)
  if (typeof file === 'number') return file
  file.f_mode |= mode
  const rc = machine.vfs.vfs_open(file, path)
  if (rc === 0) return file
  fput(machine, file)
  return rc
}

/** Whether writers count: not for a device, FIFO or socket (special_file). */
const isWritableType = (mode: number): boolean => isPlain(mode) || (mode & S_IFMT) === 0o120000
