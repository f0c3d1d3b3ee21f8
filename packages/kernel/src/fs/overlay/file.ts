/** Open files of an overlay: each stands on one of a layer (fs/overlayfs/file.c). */
import {
  EIO, EINVAL, FMODE_CAN_ODIRECT, MAY_APPEND, MAY_OPEN, MAY_READ, MAY_WRITE, O_ACCMODE, O_APPEND, O_CREAT, O_DIRECT,
  O_EXCL, O_NOATIME, O_NOCTTY, O_NONBLOCK, O_TRUNC, EPERM, S_APPEND, SEEK_CUR, SEEK_SET,
} from '@lsmkit/abi'
import type { File, Inode, Path, Vma } from '@lsmkit/core'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { fileOperations } from '../../state/vfs/driver.ts'
import type { Machine } from '../../machine.ts'
import { fileState } from '../../state/vfs/state.ts'
import { shouldSync } from './config.ts'
import { copyattr } from './inodes.ts'
import { ovlFs, realdataPath, realPath, upperInode } from './node.ts'
import { asMounter } from './real.ts'
import { openBacking, readBacking, writeBacking, mmapBacking } from './backing.ts'
import { verifyLowerdata } from './lookup.ts'
import { maybeCopyUp } from './copy-up.ts'
import { bound } from '../../state/bound.ts'
import type { FileOperations } from '../../state/vfs/driver.ts'

/** Flags that F_SETFL may have changed since the real file was opened. */
const SETFL_MASK = O_APPEND | O_NONBLOCK | O_DIRECT
const ACC_MODE = [MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE, MAY_READ | MAY_WRITE] as const

/** Opens the real file with the mounter's credentials and the flags of the overlay's open. */
const openRealfile = (machine: Machine, file: File, path: Path): File | number => {
  const inode = path.dentry.d_inode as Inode
  const { mnt_idmap } = path.mnt
  const flags = file.f_flags | O_NOATIME
  const access = (ACC_MODE[flags & O_ACCMODE] as number) | ((flags & O_APPEND) !== 0 ? MAY_APPEND : 0)
  return asMounter(machine, file.f_inode.i_sb, () => {
    const rc = machine.vfs.inode_permission(mnt_idmap, inode, MAY_OPEN | access)
    if (rc !== 0) return rc
    const mayHide = machine.vfs.inode_owner_or_capable(mnt_idmap, inode)
    return openBacking(machine, file, mayHide ? flags : flags & ~O_NOATIME, path)
  })
}

const changeFlags = (real: File, flags: number): number => {
  const wanted = flags & SETFL_MASK
  if (((wanted ^ real.f_flags) & O_APPEND) !== 0 && (real.f_inode.i_flags & S_APPEND) !== 0) return -EPERM
  if ((wanted & O_DIRECT) !== 0 && (real.f_mode & FMODE_CAN_ODIRECT) === 0) return -EINVAL
  real.f_flags = (real.f_flags & ~SETFL_MASK) | wanted
  return 0
}

/**
 * Runs on the file that has the bytes now (`meta`: the attributes): another one is opened for as long when the file
 * was copied up since.
 */
const withReal = (machine: Machine, file: File, run: (real: File) => number, meta = false): number => {
  const { dentry } = file.f_path
  const own = fileState(file).data as File
  if (!meta) {
    const rc = verifyLowerdata(machine, dentry)
    if (rc !== 0) return rc
  }
  const path = meta ? realPath(dentry) : realdataPath(dentry)
  if (path === null) return -EIO
  if (own.f_inode !== path.dentry.d_inode) {
    const real = openRealfile(machine, file, path)
    if (typeof real === 'number') return real
    const answer = run(real)
    machine.vfs.fput(real)
    return answer
  }
  const rc = ((file.f_flags ^ own.f_flags) & ~O_NOATIME) === 0 ? 0 : changeFlags(own, file.f_flags)
  return rc !== 0 ? rc : run(own)
}

/** A file without a name has its real one already. */
const openFile = (machine: Machine, _inode: Inode, file: File): number => {
  file.f_mode |= FMODE_CAN_ODIRECT
  if (fileState(file).data !== null) return 0
  const { dentry } = file.f_path
  let rc = verifyLowerdata(machine, dentry)
  if (rc === 0) rc = maybeCopyUp(machine, dentry, file.f_flags)
  if (rc !== 0) return rc
  file.f_flags &= ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC)
  const path = realdataPath(dentry)
  if (path === null) return -EIO
  const real = openRealfile(machine, file, path)
  if (typeof real === 'number') return real
  fileState(file).data = real
  return 0
}

const releaseFile = (
  machine: Machine, _inode: Inode, file: File,
): void => machine.vfs.fput(fileState(file).data as File)

const seekFile = (machine: Machine, file: File, offset: number, whence: number): number => {
  if (offset === 0 && whence === SEEK_CUR) return file.f_pos
  if (offset === 0 && whence === SEEK_SET) return (file.f_pos = 0)
  return withReal(machine, file, (real) => {
    real.f_pos = file.f_pos
    const rc = asMounter(
      machine, file.f_inode.i_sb, () => fileState(real).f_op.llseek?.(real, offset, whence) ?? -EINVAL,
    )
    file.f_pos = real.f_pos
    return rc
  })
}

/** Times as the upper file has them by now; a lower one's do not change. */
const accessed = (machine: Machine, file: File): void => {
  const inode = file.f_inode
  const upper = upperInode(inode)
  if ((file.f_flags & O_NOATIME) !== 0 || upper === null) return
  inode.i_mtime_sec = upper.i_mtime_sec
  inode.i_mtime_nsec = upper.i_mtime_nsec
  inode.i_ctime_sec = upper.i_ctime_sec
  inode.i_ctime_nsec = upper.i_ctime_nsec
  machine.vfs.touch_atime(file.f_path.mnt, inode)
}

const readFile = (machine: Machine, file: File, buf: GuestBytes, off: number, len: number, pos: number): number => {
  if (len === 0) return 0
  const rc = withReal(machine, file, (real) => readBacking(machine, file, real, buf, off, len, pos))
  accessed(machine, file)
  return rc
}

/** Around a change: set-id bits and sizes are the real file's, before and after. */
const modifying = (file: File, run: () => number): number => {
  copyattr(file.f_inode)
  const rc = run()
  copyattr(file.f_inode)
  return rc
}

const writeFile = (machine: Machine, file: File, buf: GuestBytes, off: number, len: number, pos: number): number =>
  len === 0
    ? 0
    : modifying(file, () =>
      withReal(machine, file, (real) => writeBacking(machine, file, real, buf, off, len, pos)))

/** Lower files are not synced: they might answer that they are read-only. */
const syncFile = (machine: Machine, file: File, datasync: boolean): number => {
  const inode = file.f_inode
  if (!shouldSync(ovlFs(inode.i_sb).config)) return 0
  return withReal(
    machine, file,
    (real) =>
      real.f_inode !== upperInode(inode)
        ? 0
        : asMounter(machine, inode.i_sb, () => fileState(real).f_op.fsync?.(real, datasync) ?? -EINVAL),
    !datasync,
  )
}

const mmapFile = (machine: Machine, file: File, vma: Vma): number => {
  const rc = mmapBacking(machine, file, fileState(file).data as File, vma)
  accessed(machine, file)
  return rc
}

const fallocateFile = (machine: Machine, file: File, mode: number, offset: number, len: number): number =>
  modifying(file, () => {
    const rc = machine.vfs.file_remove_privs(file)
    if (rc !== 0) return rc
    return withReal(machine, file, (real) =>
      asMounter(machine, file.f_inode.i_sb, () => machine.vfs.vfs_fallocate(real, mode, offset, len)))
  })

/** Between overlays each mounter is asked for its own side. */
const copyReal = (
  machine: Machine, input: File, realIn: File, from: number, output: File, realOut: File, to: number, len: number,
) => {
  const [a, b] = [input.f_inode.i_sb, output.f_inode.i_sb]
  const rc = a === b ? 0 : asMounter(machine, a, () => machine.vfs.rw_verify_area(realIn, MAY_READ, from, len))
  return rc !== 0 ? rc : asMounter(machine, b, () => machine.vfs.vfs_copy_file_range(realIn, from, realOut, to, len))
}

const copyFileRange = (machine: Machine, input: File, from: number, output: File, to: number, len: number): number =>
  modifying(output, () => {
    const rc = machine.vfs.file_remove_privs(output)
    if (rc !== 0) return rc
    return withReal(machine, output, (realOut) =>
      withReal(machine, input, (realIn) => copyReal(machine, input, realIn, from, output, realOut, to, len)))
  })

const flushFile = (machine: Machine, file: File): number =>
  withReal(machine, file, (real) =>
    asMounter(machine, file.f_inode.i_sb, () => fileState(real).f_op.flush?.(real) ?? 0))

export const overlayFileOps = (machine: Machine): FileOperations => fileOperations({
  ...bound(machine, {
    open: openFile, release: releaseFile, llseek: seekFile, read: readFile, write: writeFile, fsync: syncFile,
    mmap: mmapFile, fallocate: fallocateFile, copy_file_range: copyFileRange, flush: flushFile,
  }),
  splice: true,
})
