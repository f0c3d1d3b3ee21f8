/** Cutting a range out of an address space. */
import { EINVAL, ENOMEM, EPERM, PAGE_SIZE, TASK_SIZE } from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { COST } from '../state/memory-costs.ts'
import {
  account, canModify, cutVmas, firstAbove, hasVmaRoom, pageAlign, pagesOf, vmasIn,
} from '../state/mm/address-space.ts'
import type { AddressSpace } from '../state/mm/address-space.ts'
import { MAX_MAP_COUNT } from './map-limits.ts'
import { ownSpace } from './own-space.ts'

/** Cuts [start, end) out of the map; files are let go after the system call, as the kernel does. */
export const unmapRange = (machine: Machine, mm: AddressSpace, start: number, end: number): void => {
  const parts = cutVmas(mm, start, end)
  if (parts.length === 0) return
  mm.vmas.splice(firstAbove(mm, start), parts.length)
  mm.uncharge(parts.length * COST.vma)
  if (end > mm.searched.down) mm.searched = { down: mm.mmap_base, hole: 0 }
  for (const part of parts) {
    account(mm, part.vm_flags, -pagesOf(part))
    machine.mms.closeVma(part)
  }
}

export const do_munmap = (machine: Machine, start: number, length: number): number => {
  if (start % PAGE_SIZE !== 0 || start < 0 || start > TASK_SIZE) return -EINVAL
  if (length < 0 || length > TASK_SIZE - start) return -EINVAL
  const len = pageAlign(length)
  if (len === 0) return -EINVAL
  const mm = ownSpace(machine)
  if (!canModify(mm, start, start + len)) return -EPERM
  if (!hasVmaRoom(mm)) return -ENOMEM
  const cuts = vmasIn(mm, start, start + len)
  if (cuts.some((vma) => vma.vm_start < start && vma.vm_end > start + len) && mm.vmas.length >= MAX_MAP_COUNT)
    return -ENOMEM
  unmapRange(machine, mm, start, start + len)
  return 0
}
