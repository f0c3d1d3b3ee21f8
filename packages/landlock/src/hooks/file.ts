/** Opening files, and what an open file may do afterwards: settled when it was opened, for whoever has it then. */
import {
  EACCES, FIGETBSZ, FIOCLEX, FIONCLEX, FIONBIO, FIOASYNC, FIOQSIZE, FIFREEZE, FITHAW, FICLONE, FICLONERANGE,
  FIDEDUPERANGE, FMODE_EXEC, FMODE_READ, FMODE_WRITE, FS_IOC_FIEMAP, FS_IOC_GETFSSYSFSPATH, FS_IOC_GETFSUUID,
  LANDLOCK_ACCESS_FS_EXECUTE, LANDLOCK_ACCESS_FS_IOCTL_DEV, LANDLOCK_ACCESS_FS_READ_DIR, LANDLOCK_ACCESS_FS_READ_FILE,
  LANDLOCK_ACCESS_FS_TRUNCATE, LANDLOCK_ACCESS_FS_WRITE_FILE, S_IFBLK, S_IFCHR, S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import type { File, HookTable } from '@lsmkit/core'
import { refuseRights } from '../denial.ts'
import { ALL_FS } from '../rights.ts'
import { grantedPath } from '../state.ts'
import type { Landlock } from '../state.ts'

/** What the kernel itself does with a device, without its driver: free for everybody. */
const free: ReadonlySet<number> = new Set([
  FIOCLEX, FIONCLEX, FIONBIO, FIOASYNC, FIOQSIZE, FIFREEZE, FITHAW, FS_IOC_FIEMAP, FIGETBSZ, FICLONE, FICLONERANGE,
  FIDEDUPERANGE, FS_IOC_GETFSUUID, FS_IOC_GETFSSYSFSPATH,
])

const isDevice = ({ f_inode: { i_mode } }: File): boolean =>
  (i_mode & S_IFMT) === S_IFCHR || (i_mode & S_IFMT) === S_IFBLK

/** As `get_required_file_open_access`: nothing of an open with O_PATH. */
const openRights = ({ f_mode, f_flags, f_inode }: File): number => {
  let rights = 0
  if ((f_mode & FMODE_READ) !== 0) {
    if ((f_inode.i_mode & S_IFMT) === S_IFDIR) return LANDLOCK_ACCESS_FS_READ_DIR
    rights = LANDLOCK_ACCESS_FS_READ_FILE
  }
  if ((f_mode & FMODE_WRITE) !== 0) rights |= LANDLOCK_ACCESS_FS_WRITE_FILE
  if ((f_flags & FMODE_EXEC) !== 0) rights |= LANDLOCK_ACCESS_FS_EXECUTE
  return rights
}

/** A right that the open file does not have. */
const refuseLater = (landlock: Landlock, file: File, right: number): number => {
  const { opener, refusals } = landlock.blobs.file(file)
  return refuseRights(
    landlock, opener!, { rc: -EACCES, layers: refusals!.layers, request: right, quiet: refusals!.quiet }, 'file', file,
    landlock.blobs.cred(file.f_cred),
  )
}

/** A right that was settled when the file was opened. */
const later = (landlock: Landlock, file: File, right: number): number => {
  if ((landlock.blobs.file(file).allowed & right) === 0) return refuseLater(landlock, file, right)
  const { domain } = landlock.blobs.cred(file.f_cred)
  return domain === null ? 0 : grantedPath(landlock, domain, file.f_path, right)
}

const ioctl = (landlock: Landlock, file: File, cmd: number): number =>
  !isDevice(file) || free.has(cmd >>> 0) ? 0 : later(landlock, file, LANDLOCK_ACCESS_FS_IOCTL_DEV)

export const fileHooks: HookTable<Landlock> = {
  file_alloc_security(landlock, file) {
    landlock.blobs.file(file).allowed = ALL_FS
    return 0
  },

  file_open(landlock, file) {
    const { domain } = landlock.blobs.cred(file.f_cred)
    if (domain === null || domain.all.fs === 0) return 0
    const needed = openRights(file)
    const afterwards = isDevice(file)
      ? LANDLOCK_ACCESS_FS_TRUNCATE | LANDLOCK_ACCESS_FS_IOCTL_DEV
      : LANDLOCK_ACCESS_FS_TRUNCATE
    const refusals = landlock.places.refusals(domain, file.f_path)
    const state = landlock.blobs.file(file)
    state.allowed = (needed | afterwards) & refusals.granted
    if (state.allowed !== (needed | afterwards)) {
      state.opener = domain
      state.refusals = refusals
    }
    if ((needed & ~refusals.granted) === 0) return grantedPath(landlock, domain, file.f_path, needed)
    const { layers, quiet } = refusals
    return refuseRights(
      landlock, domain, { rc: -EACCES, layers, request: needed, quiet }, 'file', file, landlock.blobs.cred(file.f_cred),
    )
  },

  file_truncate: (landlock, file) => later(landlock, file, LANDLOCK_ACCESS_FS_TRUNCATE),
  file_ioctl: ioctl,
  // commands that only 32-bit programs have go to drivers, and FICLONE is the same number there
  file_ioctl_compat: ioctl,
}
