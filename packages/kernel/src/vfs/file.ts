/** Open files: allocation, write access, and release with the last reference (fs/file_table.c). */
import {
  ENOMEM, ETXTBSY, FMODE_BACKING, FMODE_CAN_READ, FMODE_CAN_WRITE, FMODE_LSEEK, FMODE_NEED_UNMOUNT, FMODE_OPENED,
  FMODE_PATH, FMODE_READ, FMODE_WRITE, FMODE_WRITER, O_ACCMODE,
} from '@lsmkit/abi'
import type { Cred, File, Inode, Path, VfsMount } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { COST } from '../state/memory-costs.ts'
import { fileOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import { asMount } from '../state/vfs/mount.ts'
import { Place } from '../state/vfs/place.ts'
import { FileState, fileState, inodeState } from '../state/vfs/state.ts'
import { d_alloc_pseudo } from './dcache.ts'
import { unwatchDirectory } from './dnotify.ts'
import { ihold, iput } from './inode.ts'
import { removeFileLocks, removePosix } from './locks.ts'
import { mntget, mntput, dissolve_on_fput } from './mount-tree.ts'

/** FMODE_READ and FMODE_WRITE of the O_ACCMODE bits. 3 gives neither. */
export const openFmode = (flags: number): number => (flags + 1) & O_ACCMODE

export const emptyFops = fileOperations({})

/** Counts a writer of the inode. -ETXTBSY while the file is executed. */
export const get_write_access = (inode: Inode): number => {
  if (inode.i_writecount < 0) return -ETXTBSY
  inode.i_writecount++
  return 0
}
export const put_write_access = (inode: Inode): void => {
  inode.i_writecount--
}
/** Forbids writers while the file is executed. -ETXTBSY if there is one. */
export const deny_write_access = (inode: Inode): number => {
  if (inode.i_writecount > 0) return -ETXTBSY
  inode.i_writecount--
  return 0
}
export const allow_write_access = (inode: Inode): void => {
  inode.i_writecount++
}

export const path_get = (path: Path): void => {
  mntget(path.mnt)
  ihold(path.dentry.d_inode as Inode)
}

export const path_put = (machine: Machine, path: Path): void => {
  iput(machine, path.dentry.d_inode as Inode)
  mntput(machine, path.mnt)
}

/** A file that is not open yet, -ENOMEM, or the -errno of an LSM. vfs_open sets its path. */
export const alloc_empty_file = (machine: Machine, flags: number, cred: Cred): File | number => {
  const { account } = machine
  if (!account.charge(COST.file)) return -ENOMEM
  const file = machine.objects.file(openFmode(flags), flags, null as unknown as Path, null as unknown as Inode, cred)
  const state = new FileState(account, emptyFops)
  file.private_data = state
  // before the hook, which may replace the credentials of the caller
  machine.creds.get_cred(cred)
  const rc = machine.lsm.file_alloc_security.ask(file)
  if (rc !== 0) {
    machine.creds.put_cred(cred)
    state.release()
    return rc
  }
  return file
}

/** As `alloc_empty_backing_file`: a file that backs `user_file`, which is open at `user_path`. */
export const alloc_empty_backing_file = (
  machine: Machine, flags: number, cred: Cred, user_file: File, user_path: Path,
): File | number => {
  const file = alloc_empty_file(machine, flags, cred)
  if (typeof file === 'number') return file
  const rc = machine.lsm.backing_file_alloc?.ask(file, user_file) ?? 0
  if (rc !== 0) {
    file_free(machine, file)
    return rc
  }
  file.f_mode |= FMODE_BACKING
  const state = fileState(file).makeRare()
  state.user_path = user_path
  state.user_inode = user_path.dentry.d_inode
  mntget(user_path.mnt)
  if (state.user_inode !== null) ihold(state.user_inode)
  return file
}

const file_free = (machine: Machine, file: File): void => {
  machine.lsm.file_free_security.tell(file)
  machine.creds.put_cred(file.f_cred)
  fileState(file).release()
  if ((file.f_mode & FMODE_BACKING) === 0) return
  machine.lsm.backing_file_free?.tell(file)
  const { user_path, user_inode } = fileState(file).rare!
  if (user_inode !== null) iput(machine, user_inode)
  mntput(machine, (user_path as Path).mnt)
}

export const put_file_access = (file: File): void => {
  if ((file.f_mode & (FMODE_READ | FMODE_WRITE)) === FMODE_READ) inodeState(file.f_inode).i_readcount--
  if ((file.f_mode & FMODE_WRITER) === 0) return
  put_write_access(file.f_inode)
  asMount(file.f_path.mnt).writers--
}

/** Releases a file that has no references left (`__fput`). */
const endFile = (machine: Machine, file: File): void => {
  if ((file.f_mode & FMODE_OPENED) !== 0) {
    machine.fsnotify.close(file)
    const watchers = fileState(file).rare?.watchers ?? null
    if (watchers !== null) for (const watcher of [...watchers]) watcher.fileEnded()
    removeFileLocks(file)
    machine.lsm.file_release.tell(file)
    fileState(file).f_op.release?.(file.f_inode, file)
    put_file_access(file)
    if ((file.f_mode & FMODE_NEED_UNMOUNT) !== 0) dissolve_on_fput(machine, file.f_path.mnt)
    path_put(machine, file.f_path)
  }
  file_free(machine, file)
}

/** Drops a reference. The last one releases an open file after the call, on return to the program. */
export const fput = (machine: Machine, file: File): void => {
  if (--file.f_count !== 0) return
  if ((file.f_mode & FMODE_OPENED) === 0) file_free(machine, file)
  else machine.callRcu(() => endFile(machine, file))
}

/** Drops a reference. The last one releases the file within the call, as close(2) does. */
export const fput_sync = (machine: Machine, file: File): void => {
  if (--file.f_count === 0) endFile(machine, file)
}

/** As `filp_flush`: closing a descriptor drops the POSIX locks and dnotify watches of its table. */
export const filp_flush = (machine: Machine, file: File, owner: object | null): number => {
  if ((file.f_mode & FMODE_PATH) !== 0) return 0
  const { flush } = fileState(file).f_op
  const rc = flush === null ? 0 : flush(file)
  unwatchDirectory(machine, file)
  if (owner !== null) removePosix(file, owner)
  return rc
}

/** As `filp_close`: closes a descriptor in other ways than close(2). */
export const filp_close = (machine: Machine, file: File, owner: object | null): number => {
  const rc = filp_flush(machine, file, owner)
  fput(machine, file)
  return rc
}

/** As `alloc_file`: an open file without a walk and without file_open (pipes, sockets, anonymous inodes). */
export const alloc_file = (machine: Machine, path: Path, flags: number, fops: FileOperations): File | number => {
  const file = alloc_empty_file(machine, flags, machine.current.task.cred)
  if (typeof file === 'number') return file
  file.f_path = path
  file.f_inode = path.dentry.d_inode as Inode
  fileState(file).f_op = fops
  path_get(path)
  let mode = file.f_mode | FMODE_OPENED
  if ((mode & (FMODE_READ | FMODE_WRITE)) === FMODE_READ) inodeState(file.f_inode).i_readcount++
  if (fops.llseek !== null) mode |= FMODE_LSEEK
  if ((mode & FMODE_READ) !== 0 && fops.read !== null) mode |= FMODE_CAN_READ
  if ((mode & FMODE_WRITE) !== 0 && fops.write !== null) mode |= FMODE_CAN_WRITE
  file.f_mode = mode
  return file
}

/**
 * As `alloc_file_pseudo`: an open file whose name is in no directory. After an error the inode is evicted if nothing
 * else holds it.
 */
export const alloc_file_pseudo = (
  machine: Machine, inode: Inode, mnt: VfsMount, name: string, flags: number, fops: FileOperations,
): File | number => {
  const dentry = d_alloc_pseudo(machine, mnt.mnt_sb, name, inode)
  ihold(inode)
  const file = alloc_file(machine, new Place(mnt, dentry), flags, fops)
  if (typeof file !== 'number') fileState(file).force(2 * name.length)
  iput(machine, inode)
  return file
}
