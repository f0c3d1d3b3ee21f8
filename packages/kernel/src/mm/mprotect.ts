/** mprotect(2) (mm/mprotect.c). */
import {
  EACCES, EINVAL, ENOMEM, EPERM, PAGE_SIZE, PROT_EXEC, PROT_GROWSDOWN, PROT_GROWSUP, PROT_READ, PROT_SEM, PROT_WRITE,
  READ_IMPLIES_EXEC, VM_ACCOUNT, VM_EXEC, VM_GROWSDOWN, VM_MAYEXEC, VM_NORESERVE, VM_READ, VM_SHARED, VM_WRITE,
} from '@lsmkit/abi'
import type { Vma } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { canModify, find_vma, pageAlign, spaceOf } from '../state/mm/address-space.ts'
import type { AddressSpace } from '../state/mm/address-space.ts'
import { modifyVma, walkVmas } from './change-vmas.ts'
import { protFlags } from './mmap.ts'

const VM_ACCESS = VM_READ | VM_WRITE | VM_EXEC

/** As `do_mprotect_pkey`, one mapping after another. A refusal leaves the mappings before it changed. */
export const do_mprotect = (machine: Machine, start: number, length: number, asked: number, pkey: number): number => {
  const grows = asked & (PROT_GROWSDOWN | PROT_GROWSUP)
  const reqprot = asked & ~(PROT_GROWSDOWN | PROT_GROWSUP)
  if (grows === (PROT_GROWSDOWN | PROT_GROWSUP) || start % PAGE_SIZE !== 0) return -EINVAL
  if (length === 0) return 0
  const end = start + pageAlign(length)
  if (start < 0 || end < start || !Number.isSafeInteger(end)) return -ENOMEM
  if (reqprot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM) || pkey !== -1) return -EINVAL
  const mm = spaceOf(machine.current.task.mm!)
  const first = find_vma(mm, start)
  if (first === null) return -ENOMEM
  let from = start
  if (grows & PROT_GROWSDOWN) {
    if (first.vm_start >= end) return -ENOMEM
    from = first.vm_start
    if (!(first.vm_flags & VM_GROWSDOWN)) return -EINVAL
  } else if (first.vm_start > start) return -ENOMEM
  else if (grows & PROT_GROWSUP) return -EINVAL
  return protectRange(machine, mm, from, end, reqprot)
}

const protectRange = (machine: Machine, mm: AddressSpace, start: number, end: number, reqprot: number): number => {
  const readImpliesExec = (machine.current.task.personality & READ_IMPLIES_EXEC) !== 0 && (reqprot & PROT_READ) !== 0
  return walkVmas(mm, start, end, (vma) => {
    const prot = readImpliesExec && vma.vm_flags & VM_MAYEXEC ? reqprot | PROT_EXEC : reqprot
    const flags = protFlags(prot) | (vma.vm_flags & ~VM_ACCESS)
    if (flags & ~(flags >> 4) & VM_ACCESS) return -EACCES
    if (machine.mmaps.denyWriteExec(mm, vma.vm_flags, flags)) return -EACCES
    const rc = machine.lsm.file_mprotect.ask(vma, reqprot, prot)
    if (rc !== 0) return rc
    return mprotect_fixup(machine, mm, vma, Math.max(vma.vm_start, start), Math.min(vma.vm_end, end), flags)
  }, () => -ENOMEM)
}

/** As `mprotect_fixup`: private memory that becomes writable is charged. */
const mprotect_fixup = (
  machine: Machine, mm: AddressSpace, vma: Vma, start: number, end: number, wanted: number,
): number => {
  if (!canModify(mm, vma.vm_start, vma.vm_end)) return -EPERM
  const old = vma.vm_flags
  if (wanted === old) return 0
  const pages = (end - start) / PAGE_SIZE
  let flags = wanted
  if (flags & VM_WRITE) {
    if (!machine.mmaps.mayExpand(mm, flags, pages) && machine.mmaps.mayExpand(mm, old, pages)) return -ENOMEM
    if (!(old & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE))) {
      if (machine.mms.enough(mm, pages) !== 0) return -ENOMEM
      flags |= VM_ACCOUNT
    }
  } else if (old & VM_ACCOUNT && vma.vm_file === null && !vma.anon_vma) flags &= ~VM_ACCOUNT
  return modifyVma(machine, mm, vma, start, end, flags)
}
