/**
 * Mapping memory (mm/mmap.c): where a mapping goes, what it may do, what it costs. Contents are the runner's
 * business. Addresses and lengths are unsigned long: a negative one is beyond all that can be mapped.
 */
import {
  CAP_IPC_LOCK, EACCES, EAGAIN, EEXIST, EINVAL, ENODEV, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM, F_SEAL_FUTURE_WRITE,
  F_SEAL_WRITE, FMODE_READ, FMODE_WRITE, MAP_ANONYMOUS, MAP_DROPPABLE, MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_GROWSDOWN,
  MAP_HUGETLB, MAP_LOCKED, MAP_NONBLOCK, MAP_NORESERVE, MAP_POPULATE, MAP_PRIVATE, MAP_SHARED, MAP_SHARED_VALIDATE,
  MAP_SYNC, MAP_TYPE, MAP_UNINITIALIZED, OVERCOMMIT_NEVER, PAGE_SIZE, PROT_EXEC, PROT_READ, PROT_WRITE,
  READ_IMPLIES_EXEC, RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK, S_APPEND, TASK_SIZE, VM_ACCOUNT, VM_DONTDUMP, VM_EXEC,
  VM_GROWSDOWN, VM_LOCKED, VM_MAYEXEC, VM_MAYREAD, VM_MAYSHARE, VM_MAYWRITE, VM_NORESERVE, VM_READ, VM_SHARED,
  VM_WIPEONFORK, VM_WRITE,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { File, KeyMap, Vma } from '@lsmkit/core'
import type { Mmaps } from '../interfaces/mm.ts'
import { COST } from '../memory-costs.ts'
import type { Machine } from '../machine.ts'
import { rlimit } from '../task/rlimits.ts'
import { path_noexec } from '../vfs/mount.ts'
import { fileState } from '../vfs/state.ts'
import {
  account, canModify, countWritable, cutVmas, find_vma, firstAbove, hasVmaRoom, insertVma, isAccountable, pageAlign,
  pageDown, pagesOf, spaceOf, startGap, unmappedArea, vmasIn,
} from './address-space.ts'
import type { AddressSpace } from './address-space.ts'

/** Mappings a process may have (vm.max_map_count). */
export const MAX_MAP_COUNT = 65530
/** Flags that MAP_SHARED lets pass; others are dropped. */
const LEGACY_MAP_MASK =
  MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_GROWSDOWN | 0x0800 | 0x1000 | MAP_LOCKED | MAP_NORESERVE |
  0x8000 | 0x10000 | 0x20000 | MAP_HUGETLB | MAP_UNINITIALIZED | 0x40
const VM_MAY = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC

/** As `calc_vm_prot_bits`. */
export const protFlags = (prot: number): number =>
  (prot & PROT_READ ? VM_READ : 0) | (prot & PROT_WRITE ? VM_WRITE : 0) | (prot & PROT_EXEC ? VM_EXEC : 0)

export const createMmaps = (lsm: KeyMap, machine: Machine): Mmaps => {
  const { current, mms, sysctl } = machine

  const space = (): AddressSpace => spaceOf(current.task.mm!)

  /** As `may_expand_vm`: RLIMIT_AS for all, RLIMIT_DATA for private writable memory. */
  const mayExpand = (mm: AddressSpace, vm_flags: number, pages: number): boolean => {
    if (mm.total_vm + pages > rlimit(current.task, RLIMIT_AS) / PAGE_SIZE) return false
    if (!isAccountable(vm_flags) || vm_flags & VM_GROWSDOWN) return true
    return mm.data_vm + pages <= rlimit(current.task, RLIMIT_DATA) / PAGE_SIZE
  }

  const can_do_mlock = (): boolean => rlimit(current.task, RLIMIT_MEMLOCK) !== 0 || capable(lsm, current, CAP_IPC_LOCK)

  /** As `mlock_future_ok`: the capability is asked for before the limit is looked at. */
  const mayLock = (mm: AddressSpace, vm_flags: number, bytes: number): boolean => {
    if (!(vm_flags & VM_LOCKED) || capable(lsm, current, CAP_IPC_LOCK)) return true
    const locked = mm.locked_vm + bytes / PAGE_SIZE
    return locked <= Math.floor(rlimit(current.task, RLIMIT_MEMLOCK) / PAGE_SIZE)
  }

  /** As `__get_unmapped_area`: the place, asked of the LSMs, or -errno. */
  const get_unmapped_area = (addr: number, len: number, flags: number): number => {
    if (len < 0 || len > TASK_SIZE) return -ENOMEM
    const mm = space()
    let at = addr
    if (!(flags & MAP_FIXED)) {
      const hint = pageDown(addr)
      const next = find_vma(mm, hint)
      const isFree = hint > 0 && hint <= TASK_SIZE - len && (next === null || hint + len <= startGap(next))
      at = isFree ? hint : unmappedArea(mm, len, sysctl.mmap_min_addr)
      if (at < 0) return -ENOMEM
    }
    if (at < 0 || at > TASK_SIZE - len) return -ENOMEM
    if (at % PAGE_SIZE !== 0) return -EINVAL
    const rc = lsm.mmap_addr.ask(at)
    return rc !== 0 ? rc : at
  }

  /** What the kind of mapping and the open file allow: the flags of the new mapping, or -errno. */
  const checkFile = (file: File, prot: number, flags: number, vm_flags: number): number => {
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
    return vm & VM_GROWSDOWN ? -EINVAL : withinSeals(file, vm)
  }

  /** As `memfd_check_seals_mmap`: a shared mapping of what is sealed against writes never writes. */
  const withinSeals = (file: File, vm_flags: number): number => {
    const seals = fileState(file).f_op.seals?.(file, null) ?? 0
    if (!(seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) || !(vm_flags & VM_SHARED)) return vm_flags
    return vm_flags & VM_WRITE ? -EPERM : vm_flags & ~VM_MAYWRITE
  }

  const checkAnonymous = (flags: number, vm_flags: number): number => {
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

  /** As `round_hint_to_min`: a hint within the first page is none. */
  const hintOf = (addr: number): number => {
    const page = pageDown(addr)
    return page === 0 ? 0 : Math.max(page, pageAlign(sysctl.mmap_min_addr))
  }

  /** As `do_mmap`: the address, or -errno. `offset` is in bytes; `file` is not kept unless the mapping is made. */
  const do_mmap = (
    file: File | null,
    addr: number,
    length: number,
    prot: number,
    flags: number,
    offset: number,
  ): number => {
    const { task } = current
    const mm = space()
    if (length === 0) return -EINVAL
    if (prot & PROT_READ && task.personality & READ_IMPLIES_EXEC && !(file !== null && path_noexec(file.f_path)))
      prot |= PROT_EXEC
    const how = flags & MAP_FIXED_NOREPLACE ? flags | MAP_FIXED : flags
    const hint = how & MAP_FIXED ? addr : hintOf(addr)
    const len = pageAlign(length)
    if (len <= 0 || !Number.isSafeInteger(len)) return -ENOMEM
    if (!Number.isSafeInteger(offset + len)) return -EOVERFLOW
    if (mm.vmas.length > MAX_MAP_COUNT) return -ENOMEM
    let vm_flags =
      protFlags(prot) |
      mm.def_flags |
      VM_MAY |
      (how & MAP_GROWSDOWN ? VM_GROWSDOWN : 0) |
      (how & MAP_LOCKED ? VM_LOCKED : 0)
    const at = get_unmapped_area(hint, len, how)
    if (at < 0) return at
    if (how & MAP_FIXED_NOREPLACE && vmasIn(mm, at, at + len).length !== 0) return -EEXIST
    if (how & MAP_LOCKED && !can_do_mlock()) return -EPERM
    if (!mayLock(mm, vm_flags, len)) return -EAGAIN
    vm_flags = file === null ? checkAnonymous(how, vm_flags) : checkFile(file, prot, how, vm_flags)
    if (vm_flags < 0) return vm_flags
    if (how & MAP_NORESERVE && sysctl.overcommit_memory !== OVERCOMMIT_NEVER) vm_flags |= VM_NORESERVE
    const pgoff = file !== null ? offset / PAGE_SIZE : how & MAP_SHARED ? 0 : at / PAGE_SIZE
    const rc = mmap_region(file, at, len, vm_flags, pgoff)
    const populates = vm_flags & VM_LOCKED || (how & (MAP_POPULATE | MAP_NONBLOCK)) === MAP_POPULATE
    if (rc >= 0 && populates) mms.populate(mm, at, at + len)
    return rc
  }

  /** PR_SET_MDWE: nothing may be writable and executable, nor become executable. */
  const denyWriteExec = (mm: AddressSpace, old: number, vm_flags: number): boolean => {
    if (!(mm.mdwe & 1) || !(vm_flags & VM_EXEC)) return false
    return (vm_flags & VM_WRITE) !== 0 || !(old & VM_EXEC)
  }

  /** As `mmap_region`: replaces what is there and makes the mapping. */
  const mmap_region = (file: File | null, addr: number, len: number, vm_flags: number, pgoff: number): number => {
    const mm = space()
    if (denyWriteExec(mm, vm_flags, vm_flags)) return -EACCES
    if (!canModify(mm, addr, addr + len)) return -EPERM
    if (!hasVmaRoom(mm)) return -ENOMEM
    const pages = len / PAGE_SIZE
    const inRange = vmasIn(mm, addr, addr + len)
    const overlap = (vma: Vma): number => (Math.min(vma.vm_end, addr + len) - Math.max(vma.vm_start, addr)) / PAGE_SIZE
    const replaced = inRange.reduce((sum, vma) => sum + overlap(vma), 0)
    if (!mayExpand(mm, vm_flags, pages - replaced)) return -ENOMEM
    if (isAccountable(vm_flags) && !(vm_flags & VM_NORESERVE)) {
      const charged = inRange.reduce((sum, vma) => (vma.vm_flags & VM_ACCOUNT ? sum + overlap(vma) : sum), 0)
      if (pages > charged && mms.enough(mm, pages - charged) !== 0) return -ENOMEM
      vm_flags |= VM_ACCOUNT
    }
    const vma: Vma = {
      vm_start: addr,
      vm_end: addr + len,
      vm_flags,
      vm_pgoff: pgoff,
      vm_file: file,
      vm_mm: mm,
      anon_vma: false,
    }
    if (file !== null) {
      const rc = fileState(file).f_op.mmap!(file, vma)
      if (rc !== 0) return rc
      // a file system may have put the file behind it there
      vma.vm_file!.f_count++
    } else if (vm_flags & VM_SHARED) {
      const shared = machine.shmem.shmem_zero_setup(len)
      if (typeof shared === 'number') return shared
      vma.vm_file = shared
    }
    countWritable(vma, 1)
    unmapRange(mm, addr, addr + len)
    insertVma(mm, vma)
    account(mm, vm_flags, pages)
    mms.mergeVmas(mm, addr, addr + len)
    return addr
  }

  /** Cuts [start, end) out of the map; files are let go after the system call, as the kernel does. */
  const unmapRange = (mm: AddressSpace, start: number, end: number): void => {
    const parts = cutVmas(mm, start, end)
    if (parts.length === 0) return
    mm.vmas.splice(firstAbove(mm, start), parts.length)
    mm.uncharge(parts.length * COST.vma)
    if (end > mm.searched.down) mm.searched = { down: mm.mmap_base, hole: 0 }
    for (const part of parts) {
      account(mm, part.vm_flags, -pagesOf(part))
      mms.closeVma(part)
    }
  }

  const do_munmap = (start: number, length: number): number => {
    if (start % PAGE_SIZE !== 0 || start < 0 || start > TASK_SIZE) return -EINVAL
    if (length < 0 || length > TASK_SIZE - start) return -EINVAL
    const len = pageAlign(length)
    if (len === 0) return -EINVAL
    const mm = space()
    if (!canModify(mm, start, start + len)) return -EPERM
    if (!hasVmaRoom(mm)) return -ENOMEM
    const cuts = vmasIn(mm, start, start + len)
    if (cuts.some((vma) => vma.vm_start < start && vma.vm_end > start + len) && mm.vmas.length >= MAX_MAP_COUNT)
      return -ENOMEM
    unmapRange(mm, start, start + len)
    return 0
  }

  /** As `vm_mmap_pgoff`: LSMs are asked about the file before anything is looked for. */
  const vm_mmap = (
    file: File | null,
    addr: number,
    len: number,
    prot: number,
    flags: number,
    offset: number,
  ): number => {
    const rc = lsm.mmap_file.ask(file, prot, flags)
    return rc !== 0 ? rc : do_mmap(file, addr, len, prot, flags, offset)
  }

  return {
    mayExpand, can_do_mlock, mayLock, get_unmapped_area, do_mmap, vm_mmap, do_munmap, unmapRange, denyWriteExec,
  }
}
