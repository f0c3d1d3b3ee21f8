/** Address spaces come and go: new, copied by fork, given back by exit and exec (kernel/fork.c, kernel/exec.c). */
import {
  ENOMEM, VM_ACCOUNT, VM_DONTCOPY, VM_EXEC, VM_LOCKED, VM_LOCKONFAULT, VM_READ, VM_SHARED, VM_WIPEONFORK,
  VM_WRITE,
} from '@lsmkit/abi'
import type { File, Mm, Vma } from '@lsmkit/core'
import type { Mms } from '../interfaces/mm.ts'
import { bound } from '../state/bound.ts'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import { allow_write_access } from '../vfs/file.ts'
import { fileState } from '../state/vfs/state.ts'
import {
  account, AddressSpace, canMerge, countWritable, firstAbove, inheritFlags, pagesOf, shareFile, spaceOf, vmasIn,
} from '../state/mm/address-space.ts'

/** Fields that a copy of an address space starts with. */
const COPIED = [
  'start_brk', 'brk', 'start_stack', 'start_code', 'end_code', 'start_data', 'end_data', 'arg_start', 'arg_end',
  'env_start', 'env_end', 'dumpable',
] as const

/** As `security_vm_enough_memory_mm`: 0 or -ENOMEM. */
const enough = (machine: Machine, mm: Mm, pages: number): number => machine.lsm.vm_enough_memory.ask(mm, pages)

/** The last reference goes when the call has returned, as task work does it. */
const putFile = (machine: Machine, file: File): void => {
  if (file.f_count > 1) file.f_count--
  else machine.callRcu(() => machine.vfs.fput(file))
}

const closeVma = (machine: Machine, vma: Vma): void => {
  if (vma.vm_file === null) return
  countWritable(vma, -1)
  fileState(vma.vm_file).f_op.vm_close?.(vma)
  putFile(machine, vma.vm_file)
}

/** Mappings that touch [start, end] become one where they can (`vma_merge`). */
const mergeVmas = (machine: Machine, mm: AddressSpace, start: number, end: number): void => {
  const { vmas } = mm
  const first = firstAbove(mm, start - 1)
  const kept: Vma[] = []
  const merged: Vma[] = []
  let at = first
  for (; at < vmas.length; at++) {
    const above = vmas[at]!
    const below = kept.at(-1)
    if (below !== undefined && below.vm_end > end) break
    if (below === undefined || !canMerge(mm, below, above)) {
      kept.push(above)
      continue
    }
    below.vm_end = above.vm_end
    below.anon_vma ||= above.anon_vma
    merged.push(above)
  }
  if (merged.length === 0) return
  mm.vmas = [...vmas.slice(0, first), ...kept, ...vmas.slice(at)]
  mm.uncharge(merged.length * COST.vma)
  for (const gone of merged) closeVma(machine, gone)
}

/**
 * As `__mm_populate`: private memory that may be written gets pages of its own. False if a mapping is PROT_NONE.
 */
const populate = (mm: AddressSpace, start: number, end: number): boolean => {
  let reached = true
  for (const vma of vmasIn(mm, start, end)) {
    if (vma.vm_flags & VM_LOCKONFAULT) continue
    if (!(vma.vm_flags & (VM_READ | VM_WRITE | VM_EXEC))) reached = false
    else if ((vma.vm_flags & (VM_WRITE | VM_SHARED)) === VM_WRITE) vma.anon_vma = true
  }
  return reached
}

/** As `exe_file_allow_write_access` and fput. */
const putExe = (machine: Machine, mm: AddressSpace): void => {
  if (mm.exe_file === null) return
  allow_write_access(mm.exe_file.f_inode)
  putFile(machine, mm.exe_file)
  mm.exe_file = null
}

/** As `set_mm_exe_file`: keeps the file and keeps writers off it. */
const setExe = (mm: AddressSpace, file: File): void => {
  file.f_count++
  file.f_inode.i_writecount--
  mm.exe_file = file
}

const mmput = (machine: Machine, mm: Mm): void => {
  if (--mm.users !== 0) return
  const space = spaceOf(mm)
  for (const vma of space.vmas) closeVma(machine, vma)
  space.vmas = []
  putExe(machine, space)
  space.release()
}

/** As `dup_mm`: each private writable mapping of the parent is charged again. */
const dup_mm = (machine: Machine, from: Mm): AddressSpace | number => {
  const old = spaceOf(from)
  const mm = new AddressSpace(machine.account, old.user_ns, old.mmap_base)
  if (!mm.charge(old.vmas.length * COST.vma + old.ldt.length)) return -ENOMEM
  for (const name of COPIED) mm[name] = old[name]
  mm.argv = old.argv
  mm.envp = old.envp
  mm.auxv = old.auxv
  inheritFlags(mm, old)
  mm.ldt = old.ldt
  mm.sealed = old.sealed
  if (old.exe_file !== null) setExe(mm, old.exe_file)
  for (const vma of old.vmas) {
    if (vma.vm_flags & VM_DONTCOPY) continue
    if (vma.vm_flags & VM_ACCOUNT && enough(machine, old, pagesOf(vma)) !== 0) {
      mmput(machine, mm)
      return -ENOMEM
    }
    shareFile(vma)
    // locks are not inherited, and memory that is wiped counts as never written
    const vm_flags = vma.vm_flags & ~(VM_LOCKED | VM_LOCKONFAULT)
    mm.vmas.push({ ...vma, vm_flags, anon_vma: vma.anon_vma && !(vm_flags & VM_WIPEONFORK), vm_mm: mm })
    account(mm, vm_flags, pagesOf(vma))
  }
  return mm
}

export const createMms = (machine: Machine): Mms => ({
  populate, setExe, ...bound(machine, { enough, closeVma, mergeVmas, mmput, dup_mm, putExe }),
})
