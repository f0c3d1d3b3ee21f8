/** How much a process may map, and lock. */
import { CAP_IPC_LOCK, PAGE_SIZE, RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK, VM_GROWSDOWN, VM_LOCKED } from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { rlimit } from '../state/task/rlimits.ts'
import { isAccountable } from '../state/mm/address-space.ts'
import type { AddressSpace } from '../state/mm/address-space.ts'

/** Mappings a process may have (vm.max_map_count). */
export const MAX_MAP_COUNT = 65530

/** As `may_expand_vm`: RLIMIT_AS for all, RLIMIT_DATA for private writable memory. */
export const may_expand_vm = (machine: Machine, mm: AddressSpace, vm_flags: number, pages: number): boolean => {
  if (mm.total_vm + pages > rlimit(machine.current.task, RLIMIT_AS) / PAGE_SIZE) return false
  if (!isAccountable(vm_flags) || vm_flags & VM_GROWSDOWN) return true
  return mm.data_vm + pages <= rlimit(machine.current.task, RLIMIT_DATA) / PAGE_SIZE
}

export const can_do_mlock = (
  machine: Machine,
): boolean => rlimit(machine.current.task, RLIMIT_MEMLOCK) !== 0 || capable(machine.lsm, machine.current, CAP_IPC_LOCK)

/** As `mlock_future_ok`: the capability is asked for before the limit is looked at. */
export const mlock_future_ok = (machine: Machine, mm: AddressSpace, vm_flags: number, bytes: number): boolean => {
  if (!(vm_flags & VM_LOCKED) || capable(machine.lsm, machine.current, CAP_IPC_LOCK)) return true
  const locked = mm.locked_vm + bytes / PAGE_SIZE
  return locked <= Math.floor(rlimit(machine.current.task, RLIMIT_MEMLOCK) / PAGE_SIZE)
}
