/** mremap(2): a mapping grows, shrinks or moves (mm/mremap.c). */
import {
  EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM, MAP_FIXED, MAP_SHARED, MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE,
  PAGE_SIZE, TASK_SIZE, VM_ACCOUNT, VM_DONTEXPAND, VM_LOCKED, VM_LOCKONFAULT, VM_MAYSHARE, VM_SHARED,
} from '@lsmkit/abi'
import type { Vma } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import {
  account, canModify, find_vma, hasVmaRoom, insertVma, pageAlign, pagesOf, shareFile, vma_lookup,
} from '../state/mm/address-space.ts'
import type { AddressSpace } from '../state/mm/address-space.ts'
import { ownSpace } from './own-space.ts'

/** As `vma_to_resize`. */
const vma_to_resize = (
  machine: Machine, addr: number, old_len: number, new_len: number, flags: number,
): Vma | number => {
  const mm = ownSpace(machine)
  const vma = vma_lookup(mm, addr)
  if (vma === null) return -EFAULT
  if (old_len === 0 && !(vma.vm_flags & (VM_SHARED | VM_MAYSHARE))) return -EINVAL
  if (flags & MREMAP_DONTUNMAP && vma.vm_flags & VM_DONTEXPAND) return -EINVAL
  if (old_len > vma.vm_end - addr) return -EFAULT
  if (new_len === old_len) return vma
  if (vma.vm_flags & VM_DONTEXPAND) return -EFAULT
  if (!machine.mmaps.mayLock(mm, vma.vm_flags, new_len - old_len)) return -EAGAIN
  return machine.mmaps.mayExpand(mm, vma.vm_flags, (new_len - old_len) / PAGE_SIZE) ? vma : -ENOMEM
}

/** As `move_vma`: moves a mapping to `to`. The old range is unmapped unless MREMAP_DONTUNMAP is set. */
const move_vma = (
  machine: Machine, vma: Vma, addr: number, old_len: number, new_len: number, to: number, flags: number,
): number => {
  const mm = ownSpace(machine)
  const keep = (flags & MREMAP_DONTUNMAP) !== 0
  if (vma.vm_flags & VM_ACCOUNT) {
    const pages = (keep ? new_len : new_len - old_len) / PAGE_SIZE
    if (machine.mms.enough(mm, pages) !== 0) return -ENOMEM
  }
  if (!hasVmaRoom(mm)) return -ENOMEM
  shareFile(vma)
  // memory that was never written needs no copy
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
  } else machine.mmaps.unmapRange(mm, addr, addr + old_len)
  machine.mms.mergeVmas(mm, to, to + new_len)
  return to
}

/** As `mremap_to`. */
const mremap_to = (
  machine: Machine, addr: number, old_len: number, new_addr: number, new_len: number, flags: number,
): number => {
  const { mmaps } = machine
  if (new_addr % PAGE_SIZE !== 0 || new_addr < 0) return -EINVAL
  if (new_len > TASK_SIZE || new_addr > TASK_SIZE - new_len) return -EINVAL
  if (addr + old_len > new_addr && new_addr + new_len > addr) return -EINVAL
  if (flags & MREMAP_FIXED) {
    const rc = mmaps.do_munmap(new_addr, new_len)
    if (rc !== 0) return rc
  }
  if (old_len > new_len) mmaps.do_munmap(addr + new_len, old_len - new_len)
  const kept = Math.min(old_len, new_len)
  const vma = vma_to_resize(machine, addr, kept, new_len, flags)
  if (typeof vma === 'number') return vma
  const map = (flags & MREMAP_FIXED ? MAP_FIXED : 0) | (vma.vm_flags & VM_MAYSHARE ? MAP_SHARED : 0)
  const at = mmaps.get_unmapped_area(new_addr, new_len, map)
  return at < 0 ? at : move_vma(machine, vma, addr, kept, new_len, at, flags)
}

/** As `vma_expandable`. */
const vma_expandable = (mm: AddressSpace, vma: Vma, delta: number): boolean => {
  const next = find_vma(mm, vma.vm_end)
  return vma.vm_end + delta <= TASK_SIZE && (next === null || next.vm_start >= vma.vm_end + delta)
}

const growInPlace = (machine: Machine, mm: AddressSpace, vma: Vma, addr: number, delta: number): number => {
  const pages = delta / PAGE_SIZE
  if (vma.vm_flags & VM_ACCOUNT && machine.mms.enough(mm, pages) !== 0) return -ENOMEM
  vma.vm_end += delta
  account(mm, vma.vm_flags, pages)
  machine.mms.mergeVmas(mm, addr, vma.vm_end)
  return addr
}

export const mremap = (
  machine: Machine, addr: number, old_length: number, new_length: number, flags: number, new_addr: number,
): number => {
  if (flags & ~(MREMAP_FIXED | MREMAP_MAYMOVE | MREMAP_DONTUNMAP)) return -EINVAL
  if (flags & MREMAP_FIXED && !(flags & MREMAP_MAYMOVE)) return -EINVAL
  if (flags & MREMAP_DONTUNMAP && (!(flags & MREMAP_MAYMOVE) || old_length !== new_length)) return -EINVAL
  if (addr % PAGE_SIZE !== 0) return -EINVAL
  const old_len = pageAlign(old_length)
  const new_len = pageAlign(new_length)
  if (new_len === 0) return -EINVAL
  const mm = ownSpace(machine)
  const first = vma_lookup(mm, addr)
  if (first === null) return -EFAULT
  if (!canModify(mm, first.vm_start, first.vm_end)) return -EPERM
  if (old_len < 0) return -EINVAL
  if (new_len < 0) return -ENOMEM
  if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) return mremap_to(machine, addr, old_len, new_addr, new_len, flags)
  if (old_len >= new_len) {
    if (old_len > new_len) {
      const rc = machine.mmaps.do_munmap(addr + new_len, old_len - new_len)
      if (rc !== 0) return rc
    }
    return addr
  }
  const vma = vma_to_resize(machine, addr, old_len, new_len, flags)
  if (typeof vma === 'number') return vma
  if (old_len === vma.vm_end - addr && vma_expandable(mm, vma, new_len - old_len))
    return growInPlace(machine, mm, vma, addr, new_len - old_len)
  if (!(flags & MREMAP_MAYMOVE)) return -ENOMEM
  const at = machine.mmaps.get_unmapped_area(0, new_len, vma.vm_flags & VM_MAYSHARE ? MAP_SHARED : 0)
  return at < 0 ? at : move_vma(machine, vma, addr, old_len, new_len, at, flags)
}
