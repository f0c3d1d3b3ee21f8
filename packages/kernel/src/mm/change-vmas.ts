/** Going through the mappings of a range, and giving a part of one other flags. */
import { ENOMEM } from '@lsmkit/abi'
import type { Vma } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { account, cutVmas, find_vma, hasVmaRoom, pagesOf, vmasIn } from '../state/mm/address-space.ts'
import type { AddressSpace } from '../state/mm/address-space.ts'

/** The part of `vma` in [start, end) gets these flags, 0 or -ENOMEM; it may become one with others (`vma_modify`). */
export const modifyVma = (
  machine: Machine, mm: AddressSpace, vma: Vma, start: number, end: number, vm_flags: number,
): number => {
  if (vma.vm_flags === vm_flags) return 0
  if (!hasVmaRoom(mm)) return -ENOMEM
  const from = Math.max(vma.vm_start, start)
  const to = Math.min(vma.vm_end, end)
  for (const part of cutVmas(mm, from, to)) {
    account(mm, part.vm_flags, -pagesOf(part))
    part.vm_flags = vm_flags
    account(mm, vm_flags, pagesOf(part))
  }
  machine.mms.mergeVmas(mm, from, to)
  return 0
}

/**
 * Calls `visit` for the mappings of [start, end) in order; a mapping that is merged on the way is skipped. `onHole` is
 * called for a range without a mapping. -errno of either ends the walk.
 */
export const walkVmas = (
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

/** Whether the mappings, in order, leave no hole in [start, end). */
const isCovered = (range: readonly Vma[], start: number, end: number): boolean => {
  let at = start
  for (const vma of range) {
    if (vma.vm_start > at) return false
    at = vma.vm_end
  }
  return at >= end
}

/** -ENOMEM when part of [start, end) is not mapped. */
export const checkCovered = (mm: AddressSpace, start: number, end: number): number =>
  start >= 0 && end >= start && isCovered(vmasIn(mm, start, end), start, end) ? 0 : -ENOMEM
