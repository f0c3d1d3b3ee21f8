/** Memory of processes, as the rest of the kernel sees it. */
import type { File, Mm, Vma } from '@lsmkit/core'
import type { FileOperations } from '../state/vfs/driver.ts'
import type { AddressSpace } from '../state/mm/address-space.ts'

export interface Mms {
  enough(mm: Mm, pages: number): number
  closeVma(vma: Vma): void
  mergeVmas(mm: AddressSpace, start: number, end: number): void
  populate(mm: AddressSpace, start: number, end: number): boolean
  mmput(mm: Mm): void
  dup_mm(from: Mm): AddressSpace | number
  setExe(mm: AddressSpace, file: File): void
  putExe(mm: AddressSpace): void
}

export interface Mmaps {
  mayExpand(mm: AddressSpace, vm_flags: number, pages: number): boolean
  can_do_mlock(): boolean
  mayLock(mm: AddressSpace, vm_flags: number, bytes: number): boolean
  get_unmapped_area(addr: number, len: number, flags: number): number
  do_mmap(file: File | null, addr: number, length: number, prot: number, flags: number, offset: number): number
  vm_mmap(file: File | null, addr: number, len: number, prot: number, flags: number, offset: number): number
  do_munmap(start: number, length: number): number
  unmapRange(mm: AddressSpace, start: number, end: number): void
  denyWriteExec(mm: AddressSpace, old: number, vm_flags: number): boolean
}

export interface Advice {
  checkCovered(mm: AddressSpace, start: number, end: number): number
  do_madvise(mm: AddressSpace, start: number, length: number, advice: number): number
  do_mprotect(start: number, length: number, asked: number, pkey: number): number
  do_mlock(start: number, length: number, how: number): number
  do_munlock(start: number, length: number): number
  do_mlockall(now: number, future: number): number
  do_munlockall(): number
}

export interface Shmem {
  /** Registers its file system. */
  setUp(): void
  shmem_zero_setup(size: number): File | number
  kernel_file_setup(name: string, size: number): File | number
  ring_file(name: string, size: number, fops: FileOperations): File | number
  hugetlb_file_setup(size: number): File | number
}
