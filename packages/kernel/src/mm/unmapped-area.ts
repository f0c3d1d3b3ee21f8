/** Where a mapping goes. */
import { EINVAL, ENOMEM, MAP_FIXED, PAGE_SIZE, TASK_SIZE } from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { find_vma, pageAlign, pageDown, startGap, unmappedArea } from '../state/mm/address-space.ts'
import { ownSpace } from './own-space.ts'

/** As `round_hint_to_min`: a hint within the first page counts as no hint. */
export const round_hint_to_min = (machine: Machine, addr: number): number => {
  const page = pageDown(addr)
  return page === 0 ? 0 : Math.max(page, pageAlign(machine.sysctl.mmap_min_addr))
}

/** As `__get_unmapped_area`: the place, if the LSMs allow it, or -errno. */
export const get_unmapped_area = (machine: Machine, addr: number, len: number, flags: number): number => {
  if (len < 0 || len > TASK_SIZE) return -ENOMEM
  const mm = ownSpace(machine)
  let at = addr
  if (!(flags & MAP_FIXED)) {
    const hint = pageDown(addr)
    const next = find_vma(mm, hint)
    const isFree = hint > 0 && hint <= TASK_SIZE - len && (next === null || hint + len <= startGap(next))
    at = isFree ? hint : unmappedArea(mm, len, machine.sysctl.mmap_min_addr)
    if (at < 0) return -ENOMEM
  }
  if (at < 0 || at > TASK_SIZE - len) return -ENOMEM
  if (at % PAGE_SIZE !== 0) return -EINVAL
  const rc = machine.lsm.mmap_addr.ask(at)
  return rc !== 0 ? rc : at
}
