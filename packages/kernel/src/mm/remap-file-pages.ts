/** remap_file_pages(2), emulated by one ordinary mapping, as Linux does now (mm/mmap.c). */
import {
  EINVAL, MAP_FIXED, MAP_LOCKED, MAP_NONBLOCK, MAP_POPULATE, MAP_SHARED, PAGE_SIZE, PROT_EXEC, PROT_READ, PROT_WRITE,
  VM_EXEC, VM_LOCKED, VM_READ, VM_SHARED, VM_WRITE,
} from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { pageDown, vma_lookup, vmasIn } from '../state/mm/address-space.ts'
import { ownSpace } from './own-space.ts'

/** Maps part of a shared mapping's file elsewhere in it; emulated by one ordinary mapping, as Linux does now. */
export const remap_file_pages = (
  machine: Machine, start: number, size: number, prot: number, pgoff: number, flags: number,
): number => {
  const from = pageDown(start)
  const len = pageDown(size)
  if (prot !== 0 || len <= 0) return -EINVAL
  const mm = ownSpace(machine)
  const vma = vma_lookup(mm, from)
  if (vma === null || !(vma.vm_flags & VM_SHARED) || vma.vm_file === null) return -EINVAL
  const own =
    (vma.vm_flags & VM_READ ? PROT_READ : 0) |
    (vma.vm_flags & VM_WRITE ? PROT_WRITE : 0) |
    (vma.vm_flags & VM_EXEC ? PROT_EXEC : 0)
  const how =
    (flags & MAP_NONBLOCK) | MAP_SHARED | MAP_FIXED | MAP_POPULATE | (vma.vm_flags & VM_LOCKED ? MAP_LOCKED : 0)
  const file = vma.vm_file
  let rc = machine.lsm.mmap_file.ask(file, own, how)
  if (rc !== 0) return rc
  const parts = vmasIn(mm, from, from + len)
  if (parts.some((part) => part.vm_file !== file || part.vm_flags !== vma.vm_flags)) return -EINVAL
  if ((parts.at(-1)?.vm_end ?? 0) < from + len) return -EINVAL
  rc = machine.mmaps.do_mmap(file, from, len, own, how, pgoff * PAGE_SIZE)
  return rc < 0 ? rc : 0
}
