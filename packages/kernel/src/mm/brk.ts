/** brk(2): the heap, which ends where the program says (mm/mmap.c). */
import {
  MAP_FIXED, PAGE_SIZE, READ_IMPLIES_EXEC, RLIMIT_DATA, VM_ACCOUNT, VM_EXEC, VM_LOCKED, VM_MAYEXEC, VM_MAYREAD,
  VM_MAYWRITE, VM_READ, VM_WRITE,
} from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { rlimit } from '../state/task/rlimits.ts'
import { account, find_vma, hasVmaRoom, insertVma, pageAlign, startGap, vmasIn } from '../state/mm/address-space.ts'
import type { AddressSpace } from '../state/mm/address-space.ts'
import { MAX_MAP_COUNT } from './map-limits.ts'
import { ownSpace } from './own-space.ts'

/** As `do_brk_flags`. */
const do_brk_flags = (machine: Machine, mm: AddressSpace, from: number, to: number): boolean => {
  const { mmaps, mms } = machine
  if (mmaps.get_unmapped_area(from, to - from, MAP_FIXED) < 0) return false
  const pages = (to - from) / PAGE_SIZE
  const exec = machine.current.task.personality & READ_IMPLIES_EXEC ? VM_EXEC : 0
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
export const brk = (machine: Machine, addr: number): number => {
  const mm = ownSpace(machine)
  if (!Number.isSafeInteger(addr) || addr < mm.start_brk) return mm.brk
  const data = addr - mm.start_brk + (mm.end_data - mm.start_data)
  if (data > rlimit(machine.current.task, RLIMIT_DATA)) return mm.brk
  const from = pageAlign(mm.brk)
  const to = pageAlign(addr)
  if (to < from) {
    if (vmasIn(mm, to, from).length === 0 || machine.mmaps.do_munmap(to, from - to) !== 0) return mm.brk
  } else if (to > from && !do_brk_flags(machine, mm, from, to)) return mm.brk
  mm.brk = addr
  return addr
}
