/** System calls on the caller's address space: maps, locks and advice (mm/mmap.c, mm/mprotect.c, mm/mlock.c). */
import {
  EBADF, EBUSY, EFAULT, EINVAL, ENOMEM, MAP_ANONYMOUS, MAP_HUGETLB, MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT, MLOCK_ONFAULT,
  MS_ASYNC, MS_INVALIDATE, MS_SYNC, PAGE_SIZE, VM_LOCKED, VM_LOCKONFAULT,
} from '@lsmkit/abi'
import { copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { pageAlign, vmasIn } from '../state/mm/address-space.ts'
import { brk } from '../mm/brk.ts'
import { move_pages, migrate_pages } from '../mm/migrate.ts'
import { mremap } from '../mm/mremap.ts'
import { ownSpace } from '../mm/own-space.ts'
import { remap_file_pages } from '../mm/remap-file-pages.ts'
import { fget } from '../state/vfs/fdtable.ts'

/**
 * As `ksys_mmap_pgoff`. There are no huge pages, so a request for them fails, after its file was made and the LSMs
 * were asked.
 */
const mmap = (
  machine: Machine, addr: number, len: number, prot: number, flags: number, fd: number, offset: number,
): number => {
  if (offset % PAGE_SIZE !== 0) return -EINVAL
  if (flags & MAP_ANONYMOUS)
    return flags & MAP_HUGETLB
      ? mapHuge(machine, addr, len, prot, flags)
      : machine.mmaps.vm_mmap(null, addr, len, prot, flags, offset)
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  return flags & MAP_HUGETLB ? -EINVAL : machine.mmaps.vm_mmap(file, addr, len, prot, flags, offset)
}

const mapHuge = (machine: Machine, addr: number, len: number, prot: number, flags: number): number => {
  const file = machine.shmem.hugetlb_file_setup(len)
  if (typeof file === 'number') return file
  let rc = machine.lsm.mmap_file.ask(file, prot, flags)
  if (rc === 0) rc = machine.mmaps.get_unmapped_area(addr, len, flags)
  machine.callRcu(() => machine.vfs.fput(file))
  return rc < 0 ? rc : -ENOMEM
}

const msync = (machine: Machine, start: number, length: number, flags: number): number => {
  if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || start % PAGE_SIZE !== 0) return -EINVAL
  if (flags & MS_ASYNC && flags & MS_SYNC) return -EINVAL
  const mm = ownSpace(machine)
  const end = start + pageAlign(length)
  const covered = machine.advice.checkCovered(mm, start, end)
  const isLocked = flags & MS_INVALIDATE && vmasIn(mm, start, end).some((vma) => vma.vm_flags & VM_LOCKED)
  return isLocked ? -EBUSY : covered
}

/** All mapped pages count as in memory. `vec` gets a byte for each page. */
const mincore = (machine: Machine, start: number, length: number, vec: GuestBytes | null): number => {
  if (start % PAGE_SIZE !== 0) return -EINVAL
  const pages = pageAlign(length) / PAGE_SIZE
  if (vec === null || vec.length < pages) return -EFAULT
  const rc = machine.advice.checkCovered(ownSpace(machine), start, start + pages * PAGE_SIZE)
  if (rc === 0) copyOut(new Uint8Array(pages).fill(1), vec)
  return rc
}

const mlockall = (machine: Machine, flags: number): number => {
  if (flags === 0 || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || flags === MCL_ONFAULT) return -EINVAL
  const how = flags & MCL_ONFAULT ? VM_LOCKED | VM_LOCKONFAULT : VM_LOCKED
  return machine.advice.do_mlockall(flags & MCL_CURRENT ? how : 0, flags & MCL_FUTURE ? how : 0)
}

const munmap = (machine: Machine, start: number, len: number): number => machine.mmaps.do_munmap(start, len)

const munlock = (machine: Machine, start: number, len: number): number => machine.advice.do_munlock(start, len)

const mprotect = (
  machine: Machine, start: number, len: number, prot: number,
): number => machine.advice.do_mprotect(start, len, prot, -1)

const pkey_mprotect = (machine: Machine, start: number, len: number, prot: number, pkey: number): number =>
  machine.advice.do_mprotect(start, len, prot, pkey)

const madvise = (machine: Machine, start: number, len: number, behavior: number): number =>
  machine.advice.do_madvise(ownSpace(machine), start, len, behavior)

const mlock = (machine: Machine, start: number, len: number): number => machine.advice.do_mlock(start, len, VM_LOCKED)

const mlock2 = (machine: Machine, start: number, len: number, flags: number): number =>
  flags & ~MLOCK_ONFAULT
    ? -EINVAL
    : machine.advice.do_mlock(start, len, flags & MLOCK_ONFAULT ? VM_LOCKED | VM_LOCKONFAULT : VM_LOCKED)

const munlockall = (machine: Machine): number => machine.advice.do_munlockall()

export const memorySyscalls = {
  mmap, brk, mremap, remap_file_pages, msync, mincore, mlockall, move_pages, migrate_pages,
  munmap, mprotect, pkey_mprotect, madvise, mlock, mlock2, munlock,
  munlockall,
}
