/** System calls on the caller's address space (mm/mmap.c, mm/mremap.c, mm/mprotect.c, mm/mlock.c). */
import {
  CAP_SYS_NICE, EAGAIN, EBADF, EBUSY, EFAULT, EINVAL, ENODEV, ENOMEM, EPERM, ESRCH, MAP_ANONYMOUS, MAP_FIXED,
  MAP_HUGETLB, MAP_LOCKED, MAP_NONBLOCK, MAP_POPULATE, MAP_SHARED, MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT,
  MLOCK_ONFAULT, MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE, MS_ASYNC, MS_INVALIDATE, MS_SYNC, PAGE_SIZE,
  PROT_EXEC, PROT_READ, PROT_WRITE, PTRACE_MODE_READ_REALCREDS, READ_IMPLIES_EXEC, RLIMIT_DATA, TASK_SIZE, VM_ACCOUNT,
  VM_DONTEXPAND, VM_EXEC, VM_LOCKED, VM_LOCKONFAULT, VM_MAYEXEC, VM_MAYREAD, VM_MAYSHARE, VM_MAYWRITE, VM_READ,
  VM_SHARED, VM_WRITE,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { KeyMap, Task, Vma } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import {
  account, canModify, find_vma, hasVmaRoom, insertVma, pageAlign, pageDown, pagesOf, shareFile, spaceOf, startGap,
  vma_lookup, vmasIn,
} from '../mm/address-space.ts'
import type { AddressSpace } from '../mm/address-space.ts'
import { MAX_MAP_COUNT } from '../mm/mmap.ts'
import { rlimit } from '../task/rlimits.ts'
import { fget } from '../vfs/fdtable.ts'

export const memorySyscalls = (lsm: KeyMap, machine: Machine) => {
  const { current, mmaps, mms, advice, tasks } = machine

  const space = (): AddressSpace => spaceOf(current.task.mm!)

  /**
   * As `ksys_mmap_pgoff`. Huge pages are none, so a request for them fails after its file has been made and asked
   * about.
   */
  const mmap = (addr: number, len: number, prot: number, flags: number, fd: number, offset: number): number => {
    if (offset % PAGE_SIZE !== 0) return -EINVAL
    if (flags & MAP_ANONYMOUS)
      return flags & MAP_HUGETLB
        ? mapHuge(addr, len, prot, flags)
        : mmaps.vm_mmap(null, addr, len, prot, flags, offset)
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    return flags & MAP_HUGETLB ? -EINVAL : mmaps.vm_mmap(file, addr, len, prot, flags, offset)
  }
  const mapHuge = (addr: number, len: number, prot: number, flags: number): number => {
    const file = machine.shmem.hugetlb_file_setup(len)
    if (typeof file === 'number') return file
    let rc = lsm.mmap_file.ask(file, prot, flags)
    if (rc === 0) rc = mmaps.get_unmapped_area(addr, len, flags)
    machine.callRcu(() => machine.vfs.fput(file))
    return rc < 0 ? rc : -ENOMEM
  }

  /** As `do_brk_flags`. */
  const growBrk = (mm: AddressSpace, from: number, to: number): boolean => {
    if (mmaps.get_unmapped_area(from, to - from, MAP_FIXED) < 0) return false
    const pages = (to - from) / PAGE_SIZE
    const exec = current.task.personality & READ_IMPLIES_EXEC ? VM_EXEC : 0
    const vm_flags = VM_READ | VM_WRITE | exec | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_ACCOUNT | mm.def_flags
    if (!mmaps.mayLock(mm, vm_flags, to - from)) return false
    const next = find_vma(mm, from)
    if (next !== null && to + PAGE_SIZE > startGap(next)) return false
    if (!mmaps.mayExpand(mm, vm_flags, pages) || mm.vmas.length > MAX_MAP_COUNT || mms.enough(mm, pages) !== 0)
      return false
    if (!hasVmaRoom(mm)) return false
    insertVma(mm, {
      vm_start: from,
      vm_end: to,
      vm_flags,
      vm_pgoff: from / PAGE_SIZE,
      vm_file: null,
      vm_mm: mm,
      anon_vma: false,
    })
    account(mm, vm_flags, pages)
    mms.mergeVmas(mm, from, to)
    if (vm_flags & VM_LOCKED) mms.populate(mm, from, to)
    return true
  }

  /** Answers the break as it is then: a refusal shows in that alone. */
  const brk = (addr: number): number => {
    const mm = space()
    if (!Number.isSafeInteger(addr) || addr < mm.start_brk) return mm.brk
    const data = addr - mm.start_brk + (mm.end_data - mm.start_data)
    if (data > rlimit(current.task, RLIMIT_DATA)) return mm.brk
    const from = pageAlign(mm.brk)
    const to = pageAlign(addr)
    if (to < from) {
      if (vmasIn(mm, to, from).length === 0 || mmaps.do_munmap(to, from - to) !== 0) return mm.brk
    } else if (to > from && !growBrk(mm, from, to)) return mm.brk
    mm.brk = addr
    return addr
  }

  /** As `vma_to_resize`. */
  const resizable = (addr: number, old_len: number, new_len: number, flags: number): Vma | number => {
    const mm = space()
    const vma = vma_lookup(mm, addr)
    if (vma === null) return -EFAULT
    if (old_len === 0 && !(vma.vm_flags & (VM_SHARED | VM_MAYSHARE))) return -EINVAL
    if (flags & MREMAP_DONTUNMAP && vma.vm_flags & VM_DONTEXPAND) return -EINVAL
    if (old_len > vma.vm_end - addr) return -EFAULT
    if (new_len === old_len) return vma
    if (vma.vm_flags & VM_DONTEXPAND) return -EFAULT
    if (!mmaps.mayLock(mm, vma.vm_flags, new_len - old_len)) return -EAGAIN
    return mmaps.mayExpand(mm, vma.vm_flags, (new_len - old_len) / PAGE_SIZE) ? vma : -ENOMEM
  }

  /** As `move_vma`: a mapping of the same at `to`, and the old place is empty unless MREMAP_DONTUNMAP. */
  const moveVma = (vma: Vma, addr: number, old_len: number, new_len: number, to: number, flags: number): number => {
    const mm = space()
    const keep = (flags & MREMAP_DONTUNMAP) !== 0
    if (vma.vm_flags & VM_ACCOUNT) {
      const pages = (keep ? new_len : new_len - old_len) / PAGE_SIZE
      if (mms.enough(mm, pages) !== 0) return -ENOMEM
    }
    if (!hasVmaRoom(mm)) return -ENOMEM
    shareFile(vma)
    // memory that was never written is as good at its new place
    const isFresh = vma.vm_file === null && !vma.anon_vma
    const moved: Vma = {
      ...vma,
      vm_start: to,
      vm_end: to + new_len,
      vm_pgoff: isFresh ? to / PAGE_SIZE : vma.vm_pgoff + (addr - vma.vm_start) / PAGE_SIZE,
    }
    insertVma(mm, moved)
    account(mm, vma.vm_flags, new_len / PAGE_SIZE)
    if (keep) {
      account(mm, vma.vm_flags, -pagesOf(vma))
      vma.vm_flags &= ~(VM_LOCKED | VM_LOCKONFAULT)
      account(mm, vma.vm_flags, pagesOf(vma))
    } else mmaps.unmapRange(mm, addr, addr + old_len)
    mms.mergeVmas(mm, to, to + new_len)
    return to
  }

  /** As `mremap_to`. */
  const mremapTo = (addr: number, old_len: number, new_addr: number, new_len: number, flags: number): number => {
    if (new_addr % PAGE_SIZE !== 0 || new_addr < 0) return -EINVAL
    if (new_len > TASK_SIZE || new_addr > TASK_SIZE - new_len) return -EINVAL
    if (addr + old_len > new_addr && new_addr + new_len > addr) return -EINVAL
    if (flags & MREMAP_FIXED) {
      const rc = mmaps.do_munmap(new_addr, new_len)
      if (rc !== 0) return rc
    }
    if (old_len > new_len) mmaps.do_munmap(addr + new_len, old_len - new_len)
    const kept = Math.min(old_len, new_len)
    const vma = resizable(addr, kept, new_len, flags)
    if (typeof vma === 'number') return vma
    const map = (flags & MREMAP_FIXED ? MAP_FIXED : 0) | (vma.vm_flags & VM_MAYSHARE ? MAP_SHARED : 0)
    const at = mmaps.get_unmapped_area(new_addr, new_len, map)
    return at < 0 ? at : moveVma(vma, addr, kept, new_len, at, flags)
  }

  const mremap = (addr: number, old_length: number, new_length: number, flags: number, new_addr: number): number => {
    if (flags & ~(MREMAP_FIXED | MREMAP_MAYMOVE | MREMAP_DONTUNMAP)) return -EINVAL
    if (flags & MREMAP_FIXED && !(flags & MREMAP_MAYMOVE)) return -EINVAL
    if (flags & MREMAP_DONTUNMAP && (!(flags & MREMAP_MAYMOVE) || old_length !== new_length)) return -EINVAL
    if (addr % PAGE_SIZE !== 0) return -EINVAL
    const old_len = pageAlign(old_length)
    const new_len = pageAlign(new_length)
    if (new_len === 0) return -EINVAL
    const mm = space()
    const first = vma_lookup(mm, addr)
    if (first === null) return -EFAULT
    if (!canModify(mm, first.vm_start, first.vm_end)) return -EPERM
    if (old_len < 0) return -EINVAL
    if (new_len < 0) return -ENOMEM
    if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) return mremapTo(addr, old_len, new_addr, new_len, flags)
    if (old_len >= new_len) {
      if (old_len > new_len) {
        const rc = mmaps.do_munmap(addr + new_len, old_len - new_len)
        if (rc !== 0) return rc
      }
      return addr
    }
    const vma = resizable(addr, old_len, new_len, flags)
    if (typeof vma === 'number') return vma
    if (old_len === vma.vm_end - addr && hasRoom(mm, vma, new_len - old_len))
      return growInPlace(mm, vma, addr, new_len - old_len)
    if (!(flags & MREMAP_MAYMOVE)) return -ENOMEM
    const at = mmaps.get_unmapped_area(0, new_len, vma.vm_flags & VM_MAYSHARE ? MAP_SHARED : 0)
    return at < 0 ? at : moveVma(vma, addr, old_len, new_len, at, flags)
  }

  /** As `vma_expandable`. */
  const hasRoom = (mm: AddressSpace, vma: Vma, delta: number): boolean => {
    const next = find_vma(mm, vma.vm_end)
    return vma.vm_end + delta <= TASK_SIZE && (next === null || next.vm_start >= vma.vm_end + delta)
  }
  const growInPlace = (mm: AddressSpace, vma: Vma, addr: number, delta: number): number => {
    const pages = delta / PAGE_SIZE
    if (vma.vm_flags & VM_ACCOUNT && mms.enough(mm, pages) !== 0) return -ENOMEM
    vma.vm_end += delta
    account(mm, vma.vm_flags, pages)
    mms.mergeVmas(mm, addr, vma.vm_end)
    return addr
  }

  /** Maps part of a shared mapping's file elsewhere in it; emulated by one ordinary mapping, as Linux does now. */
  const remap_file_pages = (start: number, size: number, prot: number, pgoff: number, flags: number): number => {
    const from = pageDown(start)
    const len = pageDown(size)
    if (prot !== 0 || len <= 0) return -EINVAL
    const mm = space()
    const vma = vma_lookup(mm, from)
    if (vma === null || !(vma.vm_flags & VM_SHARED) || vma.vm_file === null) return -EINVAL
    const own =
      (vma.vm_flags & VM_READ ? PROT_READ : 0) |
      (vma.vm_flags & VM_WRITE ? PROT_WRITE : 0) |
      (vma.vm_flags & VM_EXEC ? PROT_EXEC : 0)
    const how =
      (flags & MAP_NONBLOCK) | MAP_SHARED | MAP_FIXED | MAP_POPULATE | (vma.vm_flags & VM_LOCKED ? MAP_LOCKED : 0)
    const file = vma.vm_file
    let rc = lsm.mmap_file.ask(file, own, how)
    if (rc !== 0) return rc
    const parts = vmasIn(mm, from, from + len)
    if (parts.some((part) => part.vm_file !== file || part.vm_flags !== vma.vm_flags)) return -EINVAL
    if ((parts.at(-1)?.vm_end ?? 0) < from + len) return -EINVAL
    rc = mmaps.do_mmap(file, from, len, own, how, pgoff * PAGE_SIZE)
    return rc < 0 ? rc : 0
  }

  const msync = (start: number, length: number, flags: number): number => {
    if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || start % PAGE_SIZE !== 0) return -EINVAL
    if (flags & MS_ASYNC && flags & MS_SYNC) return -EINVAL
    const mm = space()
    const end = start + pageAlign(length)
    const covered = advice.checkCovered(mm, start, end)
    const isLocked = flags & MS_INVALIDATE && vmasIn(mm, start, end).some((vma) => vma.vm_flags & VM_LOCKED)
    return isLocked ? -EBUSY : covered
  }

  /** Everything mapped counts as being in memory; `vec` gets a byte a page. */
  const mincore = (start: number, length: number, vec: Uint8Array | null): number => {
    if (start % PAGE_SIZE !== 0) return -EINVAL
    const pages = pageAlign(length) / PAGE_SIZE
    if (vec === null || vec.length < pages) return -EFAULT
    const rc = advice.checkCovered(space(), start, start + pages * PAGE_SIZE)
    if (rc === 0) vec.fill(1, 0, pages)
    return rc
  }

  const mlockall = (flags: number): number => {
    if (flags === 0 || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || flags === MCL_ONFAULT) return -EINVAL
    const how = flags & MCL_ONFAULT ? VM_LOCKED | VM_LOCKONFAULT : VM_LOCKED
    return advice.do_mlockall(flags & MCL_CURRENT ? how : 0, flags & MCL_FUTURE ? how : 0)
  }

  /** As `find_mm_struct`: whose pages are to be moved; null for the caller's own. */
  const movable = (pid: number): Task | null | number => {
    if (pid === 0) return null
    const task = tasks.findByVpid(pid)
    if (task === null) return -ESRCH
    if (!machine.ptrace.may_access(task, PTRACE_MODE_READ_REALCREDS)) return -EPERM
    const rc = lsm.task_movememory.ask(task)
    return rc !== 0 ? rc : task
  }

  /** One node: pages are where they are. With `nodes` null only tells. */
  const move_pages = (
    pid: number,
    count: number,
    pages: readonly number[] | null,
    nodes: readonly number[] | null,
    status: number[] | null,
    flags: number,
  ): number => {
    if (flags & ~(2 | 4)) return -EINVAL
    if (flags & 4 && !ns_capable(lsm, current, machine.init_user_ns, CAP_SYS_NICE)) return -EPERM
    const task = movable(pid)
    if (typeof task === 'number') return task
    const has = (list: readonly number[] | null): boolean => list !== null && count >= 0 && list.length >= count
    if (count !== 0 && (!has(pages) || (nodes !== null && !has(nodes)))) return -EFAULT
    if (nodes?.some((node) => node !== 0)) return -ENODEV
    if (status !== null) for (let i = 0; i < count; i++) status[i] = 0
    return 0
  }

  const migrate_pages = (pid: number, _max: number, _old_nodes: bigint, new_nodes: bigint): number => {
    const task = pid === 0 ? current.task : tasks.findByVpid(pid)
    if (task === null) return -ESRCH
    if (!machine.ptrace.may_access(task, PTRACE_MODE_READ_REALCREDS)) return -EPERM
    if ((new_nodes & 1n) === 0n && !ns_capable(lsm, current, machine.init_user_ns, CAP_SYS_NICE)) return -EPERM
    if ((new_nodes & 1n) === 0n) return -EINVAL
    const rc = lsm.task_movememory.ask(task)
    if (rc !== 0) return rc
    // whether pages that others map as well would move: there is nowhere to move them to
    ns_capable(lsm, current, machine.init_user_ns, CAP_SYS_NICE)
    return 0
  }

  return {
    mmap,
    brk,
    mremap,
    remap_file_pages,
    msync,
    mincore,
    mlockall,
    move_pages,
    migrate_pages,
    munmap: mmaps.do_munmap,
    mprotect: (start: number, len: number, prot: number): number => advice.do_mprotect(start, len, prot, -1),
    pkey_mprotect: (start: number, len: number, prot: number, pkey: number): number =>
      advice.do_mprotect(start, len, prot, pkey),
    madvise: (start: number, len: number, behavior: number): number =>
      advice.do_madvise(space(), start, len, behavior),
    mlock: (start: number, len: number): number => advice.do_mlock(start, len, VM_LOCKED),
    mlock2: (start: number, len: number, flags: number): number =>
      flags & ~MLOCK_ONFAULT
        ? -EINVAL
        : advice.do_mlock(start, len, flags & MLOCK_ONFAULT ? VM_LOCKED | VM_LOCKONFAULT : VM_LOCKED),
    munlock: advice.do_munlock,
    munlockall: (): number => advice.do_munlockall(),
  }
}
