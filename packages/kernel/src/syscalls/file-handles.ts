/** name_to_handle_at and open_by_handle_at (fs/fhandle.c). */
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_HANDLE_FID, AT_HANDLE_MNT_ID_UNIQUE, AT_SYMLINK_FOLLOW, CAP_DAC_READ_SEARCH,
  CAP_SYS_ADMIN, EBADF, EFAULT, EINVAL, ENOTDIR, EPERM, ESTALE, O_CLOEXEC, O_DIRECTORY, O_LARGEFILE, S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import { capable, ns_capable, privileged_wrt_inode_uidgid } from '@lsmkit/core'
import type { Dentry, Path, Ref } from '@lsmkit/core'
import { copyIn } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { fget_raw } from '../state/vfs/fdtable.ts'
import { decodeHandle, encodeHandle, MAX_HANDLE_SZ } from '../vfs/file-handles.ts'
import type { FileHandle } from '../vfs/file-handles.ts'
import { LOOKUP_EMPTY, LOOKUP_FOLLOW } from '../state/vfs/lookup-flags.ts'
import { asMount } from '../state/vfs/mount.ts'
import { build_open_flags, build_open_how } from '../state/vfs/open-flags.ts'

/** Files that may be opened: all; those whose owners have an id for the caller; of these only those below the root. */
type Acceptable = 'all' | 'reachable' | 'below'

/** Copies a handle in. */
const copyHandle = ({ handle_bytes, handle_type, f_handle }: FileHandle): FileHandle =>
  ({ handle_bytes, handle_type, f_handle: copyIn(f_handle, 0, MAX_HANDLE_SZ) })

const name_to_handle_at = (
  machine: Machine, dfd: number, name: unknown, handle: FileHandle | null, mnt_id: Ref<number> | null, flags: number,
): number => {
  const room = handle?.handle_bytes ?? 0
  if ((flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH | AT_HANDLE_FID | AT_HANDLE_MNT_ID_UNIQUE)) !== 0) return -EINVAL
  const follow = (flags & AT_SYMLINK_FOLLOW) !== 0 ? LOOKUP_FOLLOW : 0
  const how = follow | ((flags & AT_EMPTY_PATH) !== 0 ? LOOKUP_EMPTY : 0)
  const path = machine.vfs.user_path_at(dfd, name, how)
  if (typeof path === 'number') return path
  if (handle === null || mnt_id === null) return -EFAULT
  if (room > MAX_HANDLE_SZ) return -EINVAL
  const mount = asMount(path.mnt)
  mnt_id.value = (flags & AT_HANDLE_MNT_ID_UNIQUE) !== 0 ? mount.mnt_id_unique : mount.mnt_id
  return encodeHandle(path.dentry.d_inode!, handle, room, (flags & AT_HANDLE_FID) !== 0)
}

/** The place whose file system has the handle: an open file, or the working directory. */
const rootOf = (machine: Machine, fd: number): Path | number => {
  if (fd === AT_FDCWD) return machine.current.task.fs!.pwd
  const file = fget_raw(machine.current.task, fd)
  return file === null ? -EBADF : file.f_path
}

/**
 * As `may_decode_fh`. CAP_DAC_READ_SEARCH may open any file; CAP_SYS_ADMIN over the file system or the mount may open
 * directories. Answers which files are acceptable, or -EPERM.
 */
const mayDecode = (machine: Machine, root: Path, flags: number): Acceptable | number => {
  if (capable(machine.lsm, machine.current, CAP_DAC_READ_SEARCH)) return 'all'
  if ((flags & O_DIRECTORY) === 0) return -EPERM
  const mount = asMount(root.mnt)
  const ns = mount.mnt_ns
  let acceptable: Acceptable = 'reachable'
  if (!ns_capable(machine.lsm, machine.current, mount.mnt_sb.s_user_ns, CAP_SYS_ADMIN)) {
    if (ns === null || !ns_capable(machine.lsm, machine.current, ns.user_ns, CAP_SYS_ADMIN)) return -EPERM
    if (machine.vfs.hasLockedChildren(mount, root.dentry)) return -EPERM
    acceptable = 'below'
  }
  return ns_capable(machine.lsm, machine.current, machine.current.task.cred.user_ns, CAP_DAC_READ_SEARCH)
    ? acceptable : -EPERM
}

/** As `vfs_dentry_acceptable`: the owner of every directory on the way has an id for the caller. */
const isAcceptable = (machine: Machine, root: Path, dentry: Dentry, acceptable: Acceptable): boolean => {
  if (acceptable === 'all') return true
  const { user_ns } = machine.current.task.cred
  let at = dentry
  for (;;) {
    if (!privileged_wrt_inode_uidgid(user_ns, root.mnt.mnt_idmap, at.d_inode!)) return false
    if (at === root.dentry) return true
    if (at.d_parent === null) return acceptable === 'reachable'
    at = at.d_parent
  }
}

const handleToPath = (machine: Machine, mountdirfd: number, handle: FileHandle, flags: number): Path | number => {
  const root = rootOf(machine, mountdirfd)
  if (typeof root === 'number') return root
  const acceptable = mayDecode(machine, root, flags)
  if (typeof acceptable === 'number') return acceptable
  if (handle.handle_bytes > MAX_HANDLE_SZ || handle.handle_bytes === 0) return -EINVAL
  const dentry = decodeHandle(root.mnt.mnt_sb, handle)
  if (typeof dentry === 'number') return dentry
  const isDir = (dentry.d_inode!.i_mode & S_IFMT) === S_IFDIR
  if ((acceptable !== 'all' && !isDir) || !isAcceptable(machine, root, dentry, acceptable)) return -ESTALE
  return (flags & O_DIRECTORY) !== 0 && !isDir ? -ENOTDIR : { mnt: root.mnt, dentry }
}

const open_by_handle_at = (machine: Machine, mountdirfd: number, given: FileHandle | null, flags: number): number => {
  if (given === null) return -EFAULT
  const path = handleToPath(machine, mountdirfd, copyHandle(given), flags)
  if (typeof path === 'number') return path
  const op = build_open_flags(build_open_how(flags | O_LARGEFILE, 0))
  if (typeof op === 'number') return op
  return machine.vfs.installNew(() => machine.vfs.do_filp_open(-1, '', op, path), (flags & O_CLOEXEC) !== 0)
}

export const fileHandleSyscalls = { name_to_handle_at, open_by_handle_at }
