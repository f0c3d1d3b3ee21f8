/** madvise(2) (mm/madvise.c), and the table of what changes mappings that are there. */
import {
  CAP_SYS_ADMIN, EACCES, EINVAL, ENOMEM, EPERM, FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, MADV_COLD, MADV_COLLAPSE,
  MADV_DODUMP, MADV_DOFORK, MADV_DONTDUMP, MADV_DONTFORK, MADV_DONTNEED, MADV_DONTNEED_LOCKED, MADV_FREE, MADV_HUGEPAGE,
  MADV_HWPOISON, MADV_KEEPONFORK, MADV_MERGEABLE, MADV_NOHUGEPAGE, MADV_NORMAL, MADV_PAGEOUT, MADV_POPULATE_READ,
  MADV_POPULATE_WRITE, MADV_RANDOM, MADV_REMOVE, MADV_SEQUENTIAL, MADV_SOFT_OFFLINE, MADV_UNMERGEABLE, MADV_WILLNEED,
  MADV_WIPEONFORK, PAGE_SIZE, VM_DONTCOPY, VM_DONTDUMP, VM_DONTEXPAND, VM_HUGEPAGE, VM_IO, VM_LOCKED, VM_MAYWRITE,
  VM_NOHUGEPAGE, VM_RAND_READ, VM_READ, VM_SEQ_READ, VM_SHARED, VM_WIPEONFORK, VM_WRITE,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { Vma } from '@lsmkit/core'
import { bound } from '../state/bound.ts'
import type { Advice } from '../interfaces/mm.ts'
import type { Machine } from '../machine.ts'
import { canModify, pageAlign } from '../state/mm/address-space.ts'
import type { AddressSpace } from '../state/mm/address-space.ts'
import { checkCovered, modifyVma, walkVmas } from './change-vmas.ts'
import { do_mlock, do_mlockall, do_munlock, do_munlockall } from './mlock.ts'
import { do_mprotect } from './mprotect.ts'

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

/** Advice that changes flags of the mapping: the flags it clears, and those it sets. */
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

/** As `madvise_vma_behavior`. */
const madvise_vma_behavior = (
  machine: Machine, mm: AddressSpace, vma: Vma, start: number, end: number, advice: number,
): number => {
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
  return advised === undefined ? 0 : modifyVma(machine, mm, vma, start, end, (vm_flags & ~advised[0]) | advised[1])
}

/** As `madvise_populate`: there are pages for all that may be reached. */
const madvise_populate = (machine: Machine, mm: AddressSpace, start: number, end: number, access: number): number =>
  walkVmas(mm, start, end, (vma) => {
    if (!(vma.vm_flags & access)) return -EINVAL
    if (access === VM_WRITE) machine.mms.populate(mm, Math.max(vma.vm_start, start), Math.min(vma.vm_end, end))
    return 0
  }, () => -ENOMEM)

/** As `do_madvise`. Advice about pages alone has no effect. Holes are reported at the end, as -ENOMEM. */
const do_madvise = (machine: Machine, mm: AddressSpace, start: number, length: number, advice: number): number => {
  if (!ADVICE.has(advice) || start % PAGE_SIZE !== 0) return -EINVAL
  const len = pageAlign(length)
  if (length < 0 || (length !== 0 && len === 0)) return -EINVAL
  if (start < 0) return -ENOMEM
  if (len === 0) return 0
  const end = start + len
  if (advice === MADV_HWPOISON || advice === MADV_SOFT_OFFLINE)
    return capable(machine.lsm, machine.current, CAP_SYS_ADMIN) ? 0 : -EPERM
  if (advice === MADV_POPULATE_READ) return madvise_populate(machine, mm, start, end, VM_READ)
  if (advice === MADV_POPULATE_WRITE) return madvise_populate(machine, mm, start, end, VM_WRITE)
  let holes = 0
  const rc = walkVmas(mm, start, end, (vma) => madvise_vma_behavior(machine, mm, vma, start, end, advice), () => {
    holes = -ENOMEM
    return 0
  })
  return rc !== 0 ? rc : holes
}

export const createAdvice = (machine: Machine): Advice => ({
  ...bound(machine, { do_madvise, do_mprotect, do_mlock, do_munlock, do_mlockall, do_munlockall }),
  checkCovered,
})
