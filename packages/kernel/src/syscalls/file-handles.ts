/** name_to_handle_at and open_by_handle_at (fs/fhandle.c). */
import {
  AT_EMPTY_PATH, AT_FDCWD, AT_HANDLE_FID, AT_SYMLINK_FOLLOW, CAP_DAC_READ_SEARCH, CAP_SYS_ADMIN, EBADF, EFAULT, EINVAL,
  ENOTDIR, EPERM, ESTALE, O_CLOEXEC, O_DIRECTORY, O_LARGEFILE, S_IFDIR, S_IFMT,
} from '@lsmkit/abi'
import { capable, ns_capable } from '@lsmkit/core'
import type { Dentry, KeyMap, Path, Ref } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { fget_raw } from '../vfs/fdtable.ts'
import { decodeHandle, encodeHandle, MAX_HANDLE_SZ } from '../vfs/file-handles.ts'
import type { FileHandle } from '../vfs/file-handles.ts'
import { LOOKUP_EMPTY, LOOKUP_FOLLOW } from '../vfs/lookup-flags.ts'
import { asMount, path_is_under } from '../vfs/mount.ts'
import { build_open_flags, build_open_how } from '../vfs/open-flags.ts'

export const fileHandleSyscalls = (lsm: KeyMap, machine: Machine) => {
  const { current } = machine
  const { user_path_at, do_filp_open, installNew } = machine.vfs

  const name_to_handle_at = (
    dfd: number, name: unknown, handle: FileHandle | null, mnt_id: Ref<number> | null, flags: number,
  ): number => {
    if ((flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH | AT_HANDLE_FID)) !== 0) return -EINVAL
    const follow = (flags & AT_SYMLINK_FOLLOW) !== 0 ? LOOKUP_FOLLOW : 0
    const how = follow | ((flags & AT_EMPTY_PATH) !== 0 ? LOOKUP_EMPTY : 0)
    const path = user_path_at(dfd, name, how)
    if (typeof path === 'number') return path
    if (handle === null || mnt_id === null) return -EFAULT
    if (handle.handle_bytes > MAX_HANDLE_SZ) return -EINVAL
    mnt_id.value = asMount(path.mnt).mnt_id
    return encodeHandle(path.dentry.d_inode!, handle)
  }

  /** Where handles are looked for: what an open file lies on, or the caller's directory. */
  const rootOf = (fd: number): Path | number => {
    if (fd === AT_FDCWD) return current.task.fs!.pwd
    const file = fget_raw(current.task, fd)
    return file === null ? -EBADF : file.f_path
  }

  /** As `may_decode_fh`: who owns the mount may find directories below it. Whether the result must be below. */
  const mayDecode = (root: Path, flags: number): boolean | number => {
    if (capable(lsm, current, CAP_DAC_READ_SEARCH)) return false
    if ((flags & O_DIRECTORY) === 0) return -EPERM
    const { mnt_sb } = root.mnt
    const ns = asMount(root.mnt).mnt_ns
    const isMountOwner = ns !== null && ns_capable(lsm, current, ns.user_ns, CAP_SYS_ADMIN)
    if (!ns_capable(lsm, current, mnt_sb.s_user_ns, CAP_SYS_ADMIN) && !isMountOwner) return -EPERM
    return ns_capable(lsm, current, current.task.cred.user_ns, CAP_DAC_READ_SEARCH) ? true : -EPERM
  }

  const handleToPath = (mountdirfd: number, handle: FileHandle, flags: number): Path | number => {
    const root = rootOf(mountdirfd)
    if (typeof root === 'number') return root
    const below = mayDecode(root, flags)
    if (typeof below === 'number') return below
    if (handle.handle_bytes > MAX_HANDLE_SZ || handle.handle_bytes === 0) return -EINVAL
    const dentry: Dentry | number = decodeHandle(root.mnt.mnt_sb, handle)
    if (typeof dentry === 'number') return dentry
    if ((flags & O_DIRECTORY) !== 0 && (dentry.d_inode!.i_mode & S_IFMT) !== S_IFDIR) return -ENOTDIR
    const path: Path = { mnt: root.mnt, dentry }
    return below && !path_is_under(path, root) ? -ESTALE : path
  }

  const open_by_handle_at = (mountdirfd: number, handle: FileHandle | null, flags: number): number => {
    if (handle === null) return -EFAULT
    const path = handleToPath(mountdirfd, handle, flags)
    if (typeof path === 'number') return path
    const op = build_open_flags(build_open_how(flags | O_LARGEFILE, 0))
    if (typeof op === 'number') return op
    return installNew(() => do_filp_open(-1, '', op, path), (flags & O_CLOEXEC) !== 0)
  }

  return { name_to_handle_at, open_by_handle_at }
}
