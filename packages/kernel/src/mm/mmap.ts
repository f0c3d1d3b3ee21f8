/** Making mappings (mm/mmap.c): `vm_mmap`, `do_mmap`, `mmap_region`. */
import {
  EACCES, EAGAIN, EEXIST, EINVAL, ENOMEM, EOVERFLOW, EPERM, MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_GROWSDOWN, MAP_LOCKED,
  MAP_NONBLOCK, MAP_NORESERVE, MAP_POPULATE, MAP_SHARED, OVERCOMMIT_NEVER, PAGE_SIZE, PROT_EXEC, PROT_READ, PROT_WRITE,
  READ_IMPLIES_EXEC, VM_ACCOUNT, VM_EXEC, VM_GROWSDOWN, VM_LOCKED, VM_NORESERVE, VM_READ, VM_SHARED, VM_WRITE,
} from '@lsmkit/abi'
import type { File, Vma } from '@lsmkit/core'
import { bound } from '../state/bound.ts'
import type { Mmaps } from '../interfaces/mm.ts'
import type { Machine } from '../machine.ts'
import { path_noexec } from '../state/vfs/mount.ts'
import { fileState } from '../state/vfs/state.ts'
import {
  account, canModify, countWritable, hasVmaRoom, insertVma, isAccountable, pageAlign, vmasIn,
} from '../state/mm/address-space.ts'
import { VM_MAY, checkAnonymous, checkFile, denyWriteExec } from './map-checks.ts'
import { MAX_MAP_COUNT, can_do_mlock, may_expand_vm, mlock_future_ok } from './map-limits.ts'
import { do_munmap, unmapRange } from './munmap.ts'
import { ownSpace } from './own-space.ts'
import { get_unmapped_area, round_hint_to_min } from './unmapped-area.ts'

/** As `calc_vm_prot_bits`. */
export const protFlags = (prot: number): number =>
  (prot & PROT_READ ? VM_READ : 0) | (prot & PROT_WRITE ? VM_WRITE : 0) | (prot & PROT_EXEC ? VM_EXEC : 0)

/** As `do_mmap`: the address, or -errno. `offset` is in bytes; `file` is not kept unless the mapping is made. */
const do_mmap = (
  machine: Machine, file: File | null, addr: number, length: number, prot: number, flags: number, offset: number,
): number => {
  const { task } = machine.current
  const mm = ownSpace(machine)
  if (length === 0) return -EINVAL
  if (prot & PROT_READ && task.personality & READ_IMPLIES_EXEC && !(file !== null && path_noexec(file.f_path)))
    prot |= PROT_EXEC
  const how = flags & MAP_FIXED_NOREPLACE ? flags | MAP_FIXED : flags
  const hint = how & MAP_FIXED ? addr : round_hint_to_min(machine, addr)
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
  const at = get_unmapped_area(machine, hint, len, how)
  if (at < 0) return at
  if (how & MAP_FIXED_NOREPLACE && vmasIn(mm, at, at + len).length !== 0) return -EEXIST
  if (how & MAP_LOCKED && !can_do_mlock(machine)) return -EPERM
  if (!mlock_future_ok(machine, mm, vm_flags, len)) return -EAGAIN
  vm_flags = file === null ? checkAnonymous(how, vm_flags) : checkFile(file, prot, how, vm_flags)
  if (vm_flags < 0) return vm_flags
  if (how & MAP_NORESERVE && machine.sysctl.overcommit_memory !== OVERCOMMIT_NEVER) vm_flags |= VM_NORESERVE
  const pgoff = file !== null ? offset / PAGE_SIZE : how & MAP_SHARED ? 0 : at / PAGE_SIZE
  const rc = mmap_region(machine, file, at, len, vm_flags, pgoff)
  const populates = vm_flags & VM_LOCKED || (how & (MAP_POPULATE | MAP_NONBLOCK)) === MAP_POPULATE
  if (rc >= 0 && populates) machine.mms.populate(mm, at, at + len)
  return rc
}

/** As `mmap_region`: removes the mappings of the range and makes the new one. */
const mmap_region = (
  machine: Machine, file: File | null, addr: number, len: number, vm_flags: number, pgoff: number,
): number => {
  const mm = ownSpace(machine)
  if (denyWriteExec(mm, vm_flags, vm_flags)) return -EACCES
  if (!canModify(mm, addr, addr + len)) return -EPERM
  if (!hasVmaRoom(mm)) return -ENOMEM
  const pages = len / PAGE_SIZE
  const inRange = vmasIn(mm, addr, addr + len)
  const overlap = (vma: Vma): number => (Math.min(vma.vm_end, addr + len) - Math.max(vma.vm_start, addr)) / PAGE_SIZE
  const replaced = inRange.reduce((sum, vma) => sum + overlap(vma), 0)
  if (!may_expand_vm(machine, mm, vm_flags, pages - replaced)) return -ENOMEM
  if (isAccountable(vm_flags) && !(vm_flags & VM_NORESERVE)) {
    const charged = inRange.reduce((sum, vma) => (vma.vm_flags & VM_ACCOUNT ? sum + overlap(vma) : sum), 0)
    if (pages > charged && machine.mms.enough(mm, pages - charged) !== 0) return -ENOMEM
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
  unmapRange(machine, mm, addr, addr + len)
  insertVma(mm, vma)
  account(mm, vm_flags, pages)
  machine.mms.mergeVmas(mm, addr, addr + len)
  return addr
}

/** As `vm_mmap_pgoff`: LSMs are asked about the file before anything is looked for. */
const vm_mmap = (
  machine: Machine, file: File | null, addr: number, len: number, prot: number, flags: number, offset: number,
): number => {
  const rc = machine.lsm.mmap_file.ask(file, prot, flags)
  return rc !== 0 ? rc : do_mmap(machine, file, addr, len, prot, flags, offset)
}

export const createMmaps = (machine: Machine): Mmaps => ({
  ...bound(machine, {
    mayExpand: may_expand_vm, can_do_mlock, mayLock: mlock_future_ok, get_unmapped_area, do_mmap, vm_mmap, do_munmap,
    unmapRange,
  }),
  denyWriteExec,
})
