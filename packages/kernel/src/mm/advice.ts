/** Advice, locks and protection of what is mapped (mm/madvise.c, mm/mlock.c, mm/mprotect.c). */
import {
  CAP_IPC_LOCK, CAP_SYS_ADMIN, EACCES, EINVAL, ENOMEM, EPERM, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, MADV_COLD,
  MADV_COLLAPSE, MADV_DODUMP, MADV_DOFORK, MADV_DONTDUMP, MADV_DONTFORK, MADV_DONTNEED, MADV_DONTNEED_LOCKED,
  MADV_FREE, MADV_HUGEPAGE, MADV_HWPOISON, MADV_KEEPONFORK, MADV_MERGEABLE, MADV_NOHUGEPAGE, MADV_NORMAL,
  MADV_PAGEOUT, MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_RANDOM, MADV_REMOVE, MADV_SEQUENTIAL, MADV_SOFT_OFFLINE,
  MADV_UNMERGEABLE, MADV_WILLNEED, MADV_WIPEONFORK, PAGE_SIZE, PROT_EXEC, PROT_GROWSDOWN, PROT_GROWSUP, PROT_READ,
  PROT_SEM, PROT_WRITE, READ_IMPLIES_EXEC, RLIMIT_MEMLOCK, TASK_SIZE, VM_ACCOUNT, VM_DONTCOPY, VM_DONTDUMP,
  VM_DONTEXPAND, VM_EXEC, VM_GROWSDOWN, VM_HUGEPAGE, VM_IO, VM_LOCKED, VM_LOCKONFAULT, VM_MAYEXEC, VM_MAYWRITE,
  VM_NOHUGEPAGE, VM_NORESERVE, VM_RAND_READ, VM_READ, VM_SEQ_READ, VM_SHARED, VM_WIPEONFORK, VM_WRITE,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { KeyMap, Vma } from '@lsmkit/core'
import type { Advice } from '../interfaces/mm.ts'
import type { Machine } from '../machine.ts'
import { rlimit } from '../task/rlimits.ts'
import {
  account, canModify, cutVmas, find_vma, hasVmaRoom, pageAlign, pageDown, pagesOf, spaceOf, vmasIn,
} from './address-space.ts'
import type { AddressSpace } from './address-space.ts'
import { protFlags } from './mmap.ts'

const VM_ACCESS = VM_READ | VM_WRITE | VM_EXEC
const VM_LOCKED_MASK = VM_LOCKED | VM_LOCKONFAULT

const ADVICE = new Set([
  MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_DONTFORK,
  MADV_DOFORK, MADV_MERGEABLE, MADV_UNMERGEABLE, MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_DONTDUMP, MADV_DODUMP,
  MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_COLD, MADV_PAGEOUT, MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_COLLAPSE,
  MADV_HWPOISON, MADV_SOFT_OFFLINE, MADV_DONTNEED_LOCKED,
])

/** Bytes: the mapping must have one whole. */
const HUGE_PAGE = 2 * 1024 * 1024

/** What loses contents: sealed memory keeps those its owner could not write away (`is_madv_discard`). */
const DISCARDING = new Set([
  MADV_FREE, MADV_DONTNEED, MADV_DONTNEED_LOCKED, MADV_REMOVE, MADV_DONTFORK, MADV_WIPEONFORK,
])

/** Advice that stays with the mapping: what it takes off its flags, and what it puts there. */
const ADVISED: Readonly<Record<number, readonly [off: number, on: number]>> = {
  [MADV_NORMAL]: [VM_RAND_READ | VM_SEQ_READ, 0],
  [MADV_SEQUENTIAL]: [VM_RAND_READ, VM_SEQ_READ],
  [MADV_RANDOM]: [VM_SEQ_READ, VM_RAND_READ],
  [MADV_DONTFORK]: [0, VM_DONTCOPY],
  [MADV_DOFORK]: [VM_DONTCOPY, 0],
  [MADV_WIPEONFORK]: [0, VM_WIPEONFORK],
  [MADV_KEEPONFORK]: [VM_WIPEONFORK, 0],
  [MADV_DONTDUMP]: [0, VM_DONTDUMP],
  [MADV_DODUMP]: [VM_DONTDUMP, 0],
  [MADV_HUGEPAGE]: [VM_NOHUGEPAGE, VM_HUGEPAGE],
  [MADV_NOHUGEPAGE]: [VM_HUGEPAGE, VM_NOHUGEPAGE],
}

/** Whether `advice` makes sense for a mapping of this kind: 0 or -errno. */
const adviceFits = ({ vm_start, vm_end, vm_flags, vm_file }: Vma, advice: number): number => {
  switch (advice) {
    case MADV_REMOVE:
      if (vm_flags & VM_LOCKED || vm_file === null) return -EINVAL
      return (vm_flags & (VM_SHARED | VM_MAYWRITE)) === (VM_SHARED | VM_MAYWRITE) ? 0 : -EACCES
    case MADV_COLD:
    case MADV_PAGEOUT:
    case MADV_DONTNEED:
      return vm_flags & VM_LOCKED ? -EINVAL : 0
    case MADV_FREE:
      return vm_flags & VM_LOCKED || vm_file !== null ? -EINVAL : 0
    case MADV_WIPEONFORK:
      return vm_file !== null || vm_flags & VM_SHARED ? -EINVAL : 0
    case MADV_DOFORK:
      return vm_flags & VM_IO ? -EINVAL : 0
    case MADV_COLLAPSE:
      return Math.ceil(vm_start / HUGE_PAGE) * HUGE_PAGE + HUGE_PAGE <= vm_end ? 0 : -EINVAL
    case MADV_DODUMP:
      return vm_flags & (VM_IO | VM_DONTEXPAND) ? -EINVAL : 0
    default:
      return 0
  }
}

export const createAdvice = (lsm: KeyMap, machine: Machine): Advice => {
  const { current, mmaps, mms } = machine

  /** The part of `vma` in [start, end) gets these flags, 0 or -ENOMEM; it may become one with others (`vma_modify`). */
  const modify = (mm: AddressSpace, vma: Vma, start: number, end: number, vm_flags: number): number => {
    if (vma.vm_flags === vm_flags) return 0
    if (!hasVmaRoom(mm)) return -ENOMEM
    const from = Math.max(vma.vm_start, start)
    const to = Math.min(vma.vm_end, end)
    for (const part of cutVmas(mm, from, to)) {
      account(mm, part.vm_flags, -pagesOf(part))
      part.vm_flags = vm_flags
      account(mm, vm_flags, pagesOf(part))
    }
    mms.mergeVmas(mm, from, to)
    return 0
  }

  /**
   * Goes through the mappings of [start, end) in order; who merges on the way is not met again. `onHole` answers
   * where nothing is mapped: -errno ends the walk.
   */
  const walk = (
    mm: AddressSpace, start: number, end: number, visit: (vma: Vma) => number, onHole: () => number,
  ): number => {
    for (let at = start; at < end; at = find_vma(mm, at)!.vm_end) {
      const vma = find_vma(mm, at)
      if (vma === null || vma.vm_start > at) {
        const rc = onHole()
        if (rc !== 0) return rc
        if (vma === null || vma.vm_start >= end) return 0
        at = vma.vm_start
      }
      const rc = visit(vma)
      if (rc !== 0) return rc
    }
    return 0
  }

  /** As `madvise_vma_behavior`. */
  const adviseVma = (mm: AddressSpace, vma: Vma, start: number, end: number, advice: number): number => {
    const { vm_flags, vm_file } = vma
    const isReadOnly = vm_file === null && !(vm_flags & (VM_SHARED | VM_WRITE))
    if (DISCARDING.has(advice) && isReadOnly && !canModify(mm, vma.vm_start, vma.vm_end)) return -EPERM
    const rc = adviceFits(vma, advice)
    if (rc !== 0) return rc
    if (advice === MADV_REMOVE) {
      const from = Math.max(vma.vm_start, start)
      const offset = vma.vm_pgoff * PAGE_SIZE + from - vma.vm_start
      const mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
      return machine.vfs.vfs_fallocate(vm_file!, mode, offset, Math.min(vma.vm_end, end) - from)
    }
    const advised = ADVISED[advice]
    return advised === undefined ? 0 : modify(mm, vma, start, end, (vm_flags & ~advised[0]) | advised[1])
  }

  /** As `madvise_populate`: there are pages for all that may be reached. */
  const populate = (mm: AddressSpace, start: number, end: number, access: number): number =>
    walk(mm, start, end, (vma) => {
      if (!(vma.vm_flags & access)) return -EINVAL
      if (access === VM_WRITE) mms.populate(mm, Math.max(vma.vm_start, start), Math.min(vma.vm_end, end))
      return 0
    }, () => -ENOMEM)

  /** As `do_madvise`: what concerns pages alone has nothing to do. Holes are told of at the end. */
  const do_madvise = (mm: AddressSpace, start: number, length: number, advice: number): number => {
    if (!ADVICE.has(advice) || start % PAGE_SIZE !== 0) return -EINVAL
    const len = pageAlign(length)
    if (length < 0 || (length !== 0 && len === 0)) return -EINVAL
    if (start < 0) return -ENOMEM
    if (len === 0) return 0
    const end = start + len
    if (advice === MADV_HWPOISON || advice === MADV_SOFT_OFFLINE)
      return capable(lsm, current, CAP_SYS_ADMIN) ? 0 : -EPERM
    if (advice === MADV_POPULATE_READ) return populate(mm, start, end, VM_READ)
    if (advice === MADV_POPULATE_WRITE) return populate(mm, start, end, VM_WRITE)
    let holes = 0
    const rc = walk(mm, start, end, (vma) => adviseVma(mm, vma, start, end, advice), () => {
      holes = -ENOMEM
      return 0
    })
    return rc !== 0 ? rc : holes
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
    return walk(mm, start, end, (vma) => {
      const prot = readImpliesExec && vma.vm_flags & VM_MAYEXEC ? reqprot | PROT_EXEC : reqprot
      const flags = protFlags(prot) | (vma.vm_flags & ~VM_ACCESS)
      if (flags & ~(flags >> 4) & VM_ACCESS) return -EACCES
      if (mmaps.denyWriteExec(mm, vma.vm_flags, flags)) return -EACCES
      const rc = lsm.file_mprotect.ask(vma, reqprot, prot)
      return rc !== 0 ? rc : setProtection(mm, vma, Math.max(vma.vm_start, start), Math.min(vma.vm_end, end), flags)
    }, () => -ENOMEM)
  }

  /** As `mprotect_fixup`: private memory that becomes writable is charged. */
  const setProtection = (mm: AddressSpace, vma: Vma, start: number, end: number, wanted: number): number => {
    if (!canModify(mm, vma.vm_start, vma.vm_end)) return -EPERM
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
    return modify(mm, vma, start, end, flags)
  }

  const limitPages = (): number => Math.floor(rlimit(current.task, RLIMIT_MEMLOCK) / PAGE_SIZE)

  /** As `do_mlock`; `how` is VM_LOCKED, with VM_LOCKONFAULT or without. */
  const do_mlock = (start: number, length: number, how: number): number => {
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
    const rc = applyLock(mm, from, end, how)
    return rc !== 0 || mms.populate(mm, from, end) ? rc : -ENOMEM
  }

  /** As `apply_vma_lock_flags`: up to the first hole. */
  const applyLock = (mm: AddressSpace, start: number, end: number, how: number): number => {
    if (start === end) return 0
    if (end < start) return -EINVAL
    if (start < 0) return -ENOMEM
    return walk(mm, start, end, (vma) => lock(mm, vma, start, end, how), () => -ENOMEM)
  }

  /** As `mlock_fixup`. */
  const lock = (mm: AddressSpace, vma: Vma, start: number, end: number, how: number): number => {
    const { vm_flags } = vma
    if (vm_flags & (VM_IO | VM_DONTEXPAND)) return 0
    return modify(mm, vma, start, end, (vm_flags & ~VM_LOCKED_MASK) | how)
  }

  const do_munlock = (start: number, length: number): number =>
    applyLock(spaceOf(current.task.mm!), pageDown(start), pageAlign(start + length), 0)

  /** `now` is for what is there, `future` for what will come: VM_LOCKED as for mlock, 0 for not. */
  const do_mlockall = (now: number, future: number): number => {
    if (!mmaps.can_do_mlock()) return -EPERM
    const mm = spaceOf(current.task.mm!)
    if (now !== 0 && mm.total_vm > limitPages() && !capable(lsm, current, CAP_IPC_LOCK)) return -ENOMEM
    mm.def_flags = (mm.def_flags & ~VM_LOCKED_MASK) | future
    if (now !== 0) {
      lockAll(mm, now)
      mms.populate(mm, 0, TASK_SIZE)
    }
    return 0
  }
  const lockAll = (mm: AddressSpace, how: number): void => {
    walk(mm, 0, TASK_SIZE, (vma) => {
      lock(mm, vma, vma.vm_start, vma.vm_end, how)
      return 0
    }, () => 0)
  }
  const do_munlockall = (): number => {
    const mm = spaceOf(current.task.mm!)
    mm.def_flags &= ~VM_LOCKED_MASK
    lockAll(mm, 0)
    return 0
  }

  /** -ENOMEM when part of [start, end) is not mapped. */
  const checkCovered = (mm: AddressSpace, start: number, end: number): number =>
    start >= 0 && end >= start && isCovered(vmasIn(mm, start, end), start, end) ? 0 : -ENOMEM

  return { checkCovered, do_madvise, do_mprotect, do_mlock, do_munlock, do_mlockall, do_munlockall }
}

/** Whether the mappings, in order, leave no hole in [start, end). */
const isCovered = (range: readonly Vma[], start: number, end: number): boolean => {
  let at = start
  for (const vma of range) {
    if (vma.vm_start > at) return false
    at = vma.vm_end
  }
  return at >= end
}
