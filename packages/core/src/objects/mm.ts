/** Address spaces (include/linux/mm_types.h). */
import type { UserNamespace } from './cred.ts'
import type { File } from './fs.ts'

/** The address space of a task (`struct mm_struct`). */
export interface Mm {
  /** Tasks that share it. */
  users: number
  /** Pages of 4096 bytes that are mapped. */
  total_vm: number
  /** Pages that are locked in memory. */
  locked_vm: number
  /** Pages of private writable mappings. */
  data_vm: number
  /** Pages of stacks. */
  stack_vm: number
  /** Address where the heap begins. */
  start_brk: number
  /** Address where the heap ends. */
  brk: number
  /** Address where the stack begins. */
  start_stack: number
  /** Address where the code begins. */
  start_code: number
  /** Address where the code ends. */
  end_code: number
  /** Address where the arguments begin. */
  arg_start: number
  /** Address where the arguments end. */
  arg_end: number
  /** Address where the environment begins. */
  env_start: number
  /** Address where the environment ends. */
  env_end: number
  /** SUID_DUMP_DISABLE 0, SUID_DUMP_USER 1, SUID_DUMP_ROOT 2. */
  dumpable: number
  /** The user namespace of who executed the program: reading it needs privilege there. */
  user_ns: UserNamespace
  /** The program, as /proc/PID/exe shows it; null for none. */
  exe_file: File | null
  /** Sorted by vm_start. */
  vmas: Vma[]
}

/** One mapping of an address space (`struct vm_area_struct`). */
export interface Vma {
  /** First address. */
  vm_start: number
  /** First address behind it. */
  vm_end: number
  /** VM_READ 1, VM_WRITE 2, VM_EXEC 4, VM_SHARED 8, … */
  vm_flags: number
  /** Where in the file it begins, in pages. */
  vm_pgoff: number
  /** The file that is mapped; null for anonymous memory. */
  vm_file: File | null
  /** The address space it is part of. */
  vm_mm: Mm
  /** Some private page has been written (the kernel's anon_vma is set). */
  anon_vma: boolean
}
