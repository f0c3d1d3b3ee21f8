/** Advice, locks and protection of what is mapped (mm/madvise.c, mm/mlock.c, mm/mprotect.c). */
import {
  CAP_IPC_LOCK, CAP_SYS_ADMIN, EACCES, EINVAL, ENOMEM, EPERM, MADV_COLD, MADV_COLLAPSE, MADV_DODUMP, MADV_DOFORK,
  MADV_DONTDUMP, MADV_DONTFORK, MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE, MADV_HWPOISON, MADV_KEEPONFORK, MADV_MERGEABLE,
  MADV_NOHUGEPAGE, MADV_NORMAL, MADV_PAGEOUT, MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_RANDOM, MADV_REMOVE,
  MADV_SEQUENTIAL, MADV_SOFT_OFFLINE, MADV_UNMERGEABLE, MADV_WILLNEED, MADV_WIPEONFORK, PAGE_SIZE, PROT_EXEC,
  PROT_GROWSDOWN, PROT_GROWSUP, PROT_READ, PROT_SEM, PROT_WRITE, READ_IMPLIES_EXEC, RLIMIT_MEMLOCK, VM_ACCOUNT,
  VM_DONTCOPY, VM_EXEC, VM_GROWSDOWN, VM_LOCKED, VM_MAYEXEC, VM_NORESERVE, VM_READ, VM_SHARED, VM_WRITE,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { KeyMap, Vma } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { rlimit } from '../task/rlimits.ts'
import {
  account, canModify, find_vma, pageAlign, pageDown, pagesOf, spaceOf, splitVma, vmasIn,
} from './address-space.ts'
import type { AddressSpace } from './address-space.ts'
import { protFlags } from './mmap.ts'

const VM_ACCESS = VM_READ | VM_WRITE | VM_EXEC

const ADVICE = new Set([
  MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_DONTFORK,
  MADV_DOFORK, MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_DONTDUMP, MADV_DODUMP,
  MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_COLD, MADV_PAGEOUT, MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_COLLAPSE,
  MADV_HWPOISON, MADV_SOFT_OFFLINE,
])

/** What loses contents, which sealed memory keeps (`is_madv_discard`). */
const DISCARDING = new Set([MADV_FREE, MADV_DONTNEED, MADV_REMOVE, MADV_DONTFORK, MADV_WIPEONFORK])

export const createAdvice = (lsm: KeyMap, machine: Machine) => {
  const { current, mmaps, mms } = machine

  /** As `do_madvise`: only what changes forks is kept; everything else concerns pages, of which there are none. */
  const do_madvise = (mm: AddressSpace, start: number, length: number, advice: number): number => {
    if (!ADVICE.has(advice) || start % PAGE_SIZE !== 0) return -EINVAL
    const len = pageAlign(length)
    if (length < 0 || (length !== 0 && len === 0)) return -EINVAL
    if (start < 0) return -ENOMEM
    if (len === 0) return 0
    if (advice === MADV_HWPOISON || advice === MADV_SOFT_OFFLINE)
      return capable(lsm, current, CAP_SYS_ADMIN) ? 0 : -EPERM
    const range = vmasIn(mm, start, start + len)
    if (DISCARDING.has(advice) && !canModify(mm, start, start + len)) return -EPERM
    if (advice === MADV_DONTFORK || advice === MADV_DOFORK) {
      for (const vma of cut(mm, start, start + len))
        vma.vm_flags = advice === MADV_DONTFORK ? vma.vm_flags | VM_DONTCOPY : vma.vm_flags & ~VM_DONTCOPY
    }
    return isCovered(range, start, start + len) ? 0 : -ENOMEM
  }

  /** As `do_mprotect_pkey`: mapping by mapping; what was changed before a refusal stays changed. */
  const do_mprotect = (start: number, length: number, asked: number, pkey: number): number => {
    const grows = asked & (PROT_GROWSDOWN | PROT_GROWSUP)
    const reqprot = asked & ~(PROT_GROWSDOWN | PROT_GROWSUP)
    if (grows === (PROT_GROWSDOWN | PROT_GROWSUP) || start % PAGE_SIZE !== 0) return -EINVAL
    if (length === 0) return 0
    const end = start + pageAlign(length)
    if (start < 0 || end < start || !Number.isSafeInteger(end)) return -ENOMEM
    if (reqprot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM) || pkey !== -1) return -EINVAL
    const mm = spaceOf(current.task.mm!)
    if (!canModify(mm, start, end)) return -EPERM
    const first = find_vma(mm, start)
    if (first === null) return -ENOMEM
    let from = start
    if (grows & PROT_GROWSDOWN) {
      if (first.vm_start >= end) return -ENOMEM
      from = first.vm_start
      if (!(first.vm_flags & VM_GROWSDOWN)) return -EINVAL
    } else if (first.vm_start > start) return -ENOMEM
    else if (grows & PROT_GROWSUP) return -EINVAL
    return protectRange(mm, from, end, reqprot)
  }

  const protectRange = (mm: AddressSpace, start: number, end: number, reqprot: number): number => {
    const readImpliesExec = (current.task.personality & READ_IMPLIES_EXEC) !== 0 && (reqprot & PROT_READ) !== 0
    let at = start
    for (const vma of vmasIn(mm, start, end)) {
      if (vma.vm_start > at) return -ENOMEM
      const prot = readImpliesExec && vma.vm_flags & VM_MAYEXEC ? reqprot | PROT_EXEC : reqprot
      const flags = protFlags(prot) | (vma.vm_flags & ~VM_ACCESS)
      if (flags & ~(flags >> 4) & VM_ACCESS) return -EACCES
      if (mmaps.denyWriteExec(mm, vma.vm_flags, flags)) return -EACCES
      let rc = lsm.file_mprotect.ask(vma, reqprot, prot)
      if (rc !== 0) return rc
      const stop = Math.min(vma.vm_end, end)
      rc = setFlags(mm, vma, Math.max(vma.vm_start, start), stop, flags)
      if (rc !== 0) return rc
      at = stop
    }
    return at < end ? -ENOMEM : 0
  }

  /** As `mprotect_fixup`: private memory that becomes writable is charged. */
  const setFlags = (mm: AddressSpace, vma: Vma, start: number, end: number, wanted: number): number => {
    const old = vma.vm_flags
    if (wanted === old) return 0
    const pages = (end - start) / PAGE_SIZE
    let flags = wanted
    if (flags & VM_WRITE) {
      if (!mmaps.mayExpand(mm, flags, pages) && mmaps.mayExpand(mm, old, pages)) return -ENOMEM
      if (!(old & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE))) {
        if (mms.enough(mm, pages) !== 0) return -ENOMEM
        flags |= VM_ACCOUNT
      }
    } else if (old & VM_ACCOUNT && vma.vm_file === null && !vma.anon_vma) flags &= ~VM_ACCOUNT
    for (const part of cut(mm, start, end)) {
      account(mm, part.vm_flags, -pagesOf(part))
      part.vm_flags = flags
      account(mm, flags, pagesOf(part))
    }
    return 0
  }

  /** The mappings in [start, end), cut so that none reaches out of it. */
  const cut = (mm: AddressSpace, start: number, end: number): Vma[] =>
    vmasIn(mm, start, end).map((vma) => {
      const part = vma.vm_start < start ? splitVma(mm, vma, start) : vma
      if (part.vm_end > end) splitVma(mm, part, end)
      return part
    })

  const lockPart = (mm: AddressSpace, part: Vma, on: boolean): void => {
    if (((part.vm_flags & VM_LOCKED) !== 0) === on) return
    part.vm_flags ^= VM_LOCKED
    mm.locked_vm += on ? pagesOf(part) : -pagesOf(part)
  }

  const limitPages = (): number => Math.floor(rlimit(current.task, RLIMIT_MEMLOCK) / PAGE_SIZE)

  /** As `do_mlock`. */
  const do_mlock = (start: number, length: number): number => {
    if (!mmaps.can_do_mlock()) return -EPERM
    const mm = spaceOf(current.task.mm!)
    const from = pageDown(start)
    const end = pageAlign(start + length)
    let locked = (end - from) / PAGE_SIZE + mm.locked_vm
    if (locked > limitPages() && !capable(lsm, current, CAP_IPC_LOCK)) {
      for (const vma of vmasIn(mm, from, end))
        if (vma.vm_flags & VM_LOCKED) locked -= (Math.min(vma.vm_end, end) - Math.max(vma.vm_start, from)) / PAGE_SIZE
    }
    if (locked > limitPages() && !capable(lsm, current, CAP_IPC_LOCK)) return -ENOMEM
    return applyLock(mm, from, end, true)
  }

  const applyLock = (mm: AddressSpace, start: number, end: number, on: boolean): number => {
    if (start === end) return 0
    if (end < start) return -EINVAL
    if (start < 0) return -ENOMEM
    const covered = isCovered(vmasIn(mm, start, end), start, end)
    for (const part of cut(mm, start, end)) lockPart(mm, part, on)
    return covered ? 0 : -ENOMEM
  }

  const do_munlock = (start: number, length: number): number =>
    applyLock(spaceOf(current.task.mm!), pageDown(start), pageAlign(start + length), false)

  /** MCL_CURRENT locks what is there, MCL_FUTURE what will come. */
  const do_mlockall = (now: boolean, future: boolean): number => {
    if (!mmaps.can_do_mlock()) return -EPERM
    const mm = spaceOf(current.task.mm!)
    if (now && mm.total_vm > limitPages() && !capable(lsm, current, CAP_IPC_LOCK)) return -ENOMEM
    mm.def_flags = future ? mm.def_flags | VM_LOCKED : mm.def_flags & ~VM_LOCKED
    if (now) for (const vma of mm.vmas) lockPart(mm, vma, true)
    return 0
  }
  const do_munlockall = (): number => {
    const mm = spaceOf(current.task.mm!)
    mm.def_flags &= ~VM_LOCKED
    for (const vma of mm.vmas) lockPart(mm, vma, false)
    return 0
  }

  /** -ENOMEM when part of [start, end) is not mapped. */
  const checkCovered = (mm: AddressSpace, start: number, end: number): number =>
    start >= 0 && end >= start && isCovered(vmasIn(mm, start, end), start, end) ? 0 : -ENOMEM

  return { checkCovered, do_madvise, do_mprotect, do_mlock, do_munlock, do_mlockall, do_munlockall }
}
export type Advice = ReturnType<typeof createAdvice>

/** Whether the mappings, in order, leave no hole in [start, end). */
const isCovered = (range: readonly Vma[], start: number, end: number): boolean => {
  let at = start
  for (const vma of range) {
    if (vma.vm_start > at) return false
    at = vma.vm_end
  }
  return at >= end
}
