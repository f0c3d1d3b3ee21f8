/** mlock(2) and its kin (mm/mlock.c). */
import {
  CAP_IPC_LOCK, EINVAL, ENOMEM, EPERM, PAGE_SIZE, RLIMIT_MEMLOCK, TASK_SIZE, VM_DONTEXPAND, VM_IO, VM_LOCKED,
  VM_LOCKONFAULT,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { Vma } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { rlimit } from '../state/task/rlimits.ts'
import { pageAlign, pageDown, spaceOf, vmasIn } from '../state/mm/address-space.ts'
import type { AddressSpace } from '../state/mm/address-space.ts'
import { modifyVma, walkVmas } from './change-vmas.ts'

const VM_LOCKED_MASK = VM_LOCKED | VM_LOCKONFAULT

const limitPages = (machine: Machine): number => Math.floor(rlimit(machine.current.task, RLIMIT_MEMLOCK) / PAGE_SIZE)

/** As `do_mlock`; `how` is VM_LOCKED, with VM_LOCKONFAULT or without. */
export const do_mlock = (machine: Machine, start: number, length: number, how: number): number => {
  const { current } = machine
  if (!machine.mmaps.can_do_mlock()) return -EPERM
  const mm = spaceOf(current.task.mm!)
  const from = pageDown(start)
  const end = pageAlign(start + length)
  let locked = (end - from) / PAGE_SIZE + mm.locked_vm
  if (locked > limitPages(machine) && !capable(machine.lsm, current, CAP_IPC_LOCK)) {
    for (const vma of vmasIn(mm, from, end))
      if (vma.vm_flags & VM_LOCKED) locked -= (Math.min(vma.vm_end, end) - Math.max(vma.vm_start, from)) / PAGE_SIZE
  }
  if (locked > limitPages(machine) && !capable(machine.lsm, current, CAP_IPC_LOCK)) return -ENOMEM
  const rc = apply_vma_lock_flags(machine, mm, from, end, how)
  return rc !== 0 || machine.mms.populate(mm, from, end) ? rc : -ENOMEM
}

/** As `apply_vma_lock_flags`: up to the first hole. */
const apply_vma_lock_flags = (machine: Machine, mm: AddressSpace, start: number, end: number, how: number): number => {
  if (start === end) return 0
  if (end < start) return -EINVAL
  if (start < 0) return -ENOMEM
  return walkVmas(mm, start, end, (vma) => mlock_fixup(machine, mm, vma, start, end, how), () => -ENOMEM)
}

/** As `mlock_fixup`. */
const mlock_fixup = (machine: Machine, mm: AddressSpace, vma: Vma, start: number, end: number, how: number): number => {
  const { vm_flags } = vma
  if (vm_flags & (VM_IO | VM_DONTEXPAND)) return 0
  return modifyVma(machine, mm, vma, start, end, (vm_flags & ~VM_LOCKED_MASK) | how)
}

export const do_munlock = (machine: Machine, start: number, length: number): number =>
  apply_vma_lock_flags(machine, spaceOf(machine.current.task.mm!), pageDown(start), pageAlign(start + length), 0)

/** `now` is for existing mappings, `future` for new ones: VM_LOCKED as for mlock, or 0. */
export const do_mlockall = (machine: Machine, now: number, future: number): number => {
  if (!machine.mmaps.can_do_mlock()) return -EPERM
  const mm = spaceOf(machine.current.task.mm!)
  if (now !== 0 && mm.total_vm > limitPages(machine) && !capable(machine.lsm, machine.current, CAP_IPC_LOCK))
    return -ENOMEM
  mm.def_flags = (mm.def_flags & ~VM_LOCKED_MASK) | future
  if (now !== 0) {
    lockAll(machine, mm, now)
    machine.mms.populate(mm, 0, TASK_SIZE)
  }
  return 0
}

const lockAll = (machine: Machine, mm: AddressSpace, how: number): void => {
  walkVmas(mm, 0, TASK_SIZE, (vma) => {
    mlock_fixup(machine, mm, vma, vma.vm_start, vma.vm_end, how)
    return 0
  }, () => 0)
}

export const do_munlockall = (machine: Machine): number => {
  const mm = spaceOf(machine.current.task.mm!)
  mm.def_flags &= ~VM_LOCKED_MASK
  lockAll(machine, mm, 0)
  return 0
}
