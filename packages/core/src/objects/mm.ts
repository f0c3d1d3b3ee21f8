/** Address spaces (include/linux/mm_types.h). */
import type { UserNamespace } from './cred.ts'
import type { File } from './fs.ts'

export interface Mm {
  users: number
  /** Pages. */
  total_vm: number
  locked_vm: number
  data_vm: number
  stack_vm: number
  start_brk: number
  brk: number
  start_stack: number
  start_code: number
  end_code: number
  arg_start: number
  arg_end: number
  env_start: number
  env_end: number
  /** SUID_DUMP_DISABLE 0, SUID_DUMP_USER 1, SUID_DUMP_ROOT 2. */
  dumpable: number
  user_ns: UserNamespace
  exe_file: File | null
  /** Sorted by vm_start. */
  vmas: Vma[]
}

export interface Vma {
  vm_start: number
  vm_end: number
  /** VM_READ 1, VM_WRITE 2, VM_EXEC 4, VM_SHARED 8, … */
  vm_flags: number
  vm_pgoff: number
  vm_file: File | null
  vm_mm: Mm
  /** Some private page has been written (the kernel's anon_vma is set). */
  anon_vma: boolean
}
