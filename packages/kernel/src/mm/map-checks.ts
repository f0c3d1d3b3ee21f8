/** Checks of a new mapping: its kind, and the mode of its open file. */
import {
  EACCES, EINVAL, ENODEV, EOPNOTSUPP, EPERM, F_SEAL_FUTURE_WRITE, F_SEAL_WRITE, FMODE_READ, FMODE_WRITE, MAP_ANONYMOUS,
  MAP_DROPPABLE, MAP_FIXED, MAP_GROWSDOWN, MAP_HUGETLB, MAP_LOCKED, MAP_NORESERVE, MAP_PRIVATE, MAP_SHARED,
  MAP_SHARED_VALIDATE, MAP_SYNC, MAP_TYPE, MAP_UNINITIALIZED, PROT_WRITE, S_APPEND, VM_DONTDUMP, VM_EXEC, VM_GROWSDOWN,
  VM_MAYEXEC, VM_MAYREAD, VM_MAYSHARE, VM_MAYWRITE, VM_NORESERVE, VM_SHARED, VM_WIPEONFORK, VM_WRITE,
} from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { path_noexec } from '../state/vfs/mount.ts'
import { fileState } from '../state/vfs/state.ts'
import type { AddressSpace } from '../state/mm/address-space.ts'

export const VM_MAY = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC

/** Flags that MAP_SHARED lets pass; others are dropped. */
const LEGACY_MAP_MASK =
  MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | 0x0800 | 0x1000 | MAP_LOCKED | MAP_NORESERVE |
  0x8000 | 0x10000 | 0x20000 | MAP_HUGETLB | MAP_UNINITIALIZED | 0x40

/** As `memfd_check_seals_mmap`: a shared mapping of a file that is sealed against writes never becomes writable. */
const memfd_check_seals_mmap = (file: File, vm_flags: number): number => {
  const seals = fileState(file).f_op.seals?.(file, null) ?? 0
  if (!(seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) || !(vm_flags & VM_SHARED)) return vm_flags
  return vm_flags & VM_WRITE ? -EPERM : vm_flags & ~VM_MAYWRITE
}

/** Checks the kind of mapping against the open file: the flags of the new mapping, or -errno. */
export const checkFile = (file: File, prot: number, flags: number, vm_flags: number): number => {
  const type = flags & MAP_TYPE
  const canWrite = (file.f_mode & FMODE_WRITE) !== 0
  let vm = vm_flags
  if (type === MAP_SHARED || type === MAP_SHARED_VALIDATE) {
    if (type === MAP_SHARED_VALIDATE && flags & ~(LEGACY_MAP_MASK | MAP_TYPE)) return -EOPNOTSUPP
    if (type === MAP_SHARED_VALIDATE && flags & MAP_SYNC) return -EOPNOTSUPP
    if (prot & PROT_WRITE && !canWrite) return -EACCES
    if (file.f_inode.i_flags & S_APPEND && canWrite) return -EACCES
    vm |= VM_SHARED | VM_MAYSHARE
    if (!canWrite) vm &= ~(VM_MAYWRITE | VM_SHARED)
  } else if (type !== MAP_PRIVATE) return -EINVAL
  if (!(file.f_mode & FMODE_READ)) return -EACCES
  if (path_noexec(file.f_path)) {
    if (vm & VM_EXEC) return -EPERM
    vm &= ~VM_MAYEXEC
  }
  if (fileState(file).f_op.mmap === null) return -ENODEV
  return vm & VM_GROWSDOWN ? -EINVAL : memfd_check_seals_mmap(file, vm)
}

export const checkAnonymous = (flags: number, vm_flags: number): number => {
  switch (flags & MAP_TYPE) {
    case MAP_SHARED:
      return vm_flags & VM_GROWSDOWN ? -EINVAL : vm_flags | VM_SHARED | VM_MAYSHARE
    case MAP_DROPPABLE:
      if (flags & (MAP_LOCKED | MAP_HUGETLB) || vm_flags & VM_GROWSDOWN) return -EINVAL
      return vm_flags | VM_NORESERVE | VM_WIPEONFORK | VM_DONTDUMP
    case MAP_PRIVATE:
      return vm_flags
    default:
      return -EINVAL
  }
}

/** PR_SET_MDWE: nothing may be writable and executable, nor become executable. */
export const denyWriteExec = (mm: AddressSpace, old: number, vm_flags: number): boolean => {
  if (!(mm.mdwe & 1) || !(vm_flags & VM_EXEC)) return false
  return (vm_flags & VM_WRITE) !== 0 || !(old & VM_EXEC)
}
