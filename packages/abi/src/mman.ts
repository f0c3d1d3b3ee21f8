/** Memory mapping: protection, flags of mmap(2) and mremap(2), advice, and the bits of `vma->vm_flags`. */

export const PROT_NONE = 0x0
export const PROT_READ = 0x1
export const PROT_WRITE = 0x2
export const PROT_EXEC = 0x4
export const PROT_SEM = 0x8
export const PROT_GROWSDOWN = 0x01000000
export const PROT_GROWSUP = 0x02000000

// mmap(2)
export const MAP_FILE = 0
export const MAP_SHARED = 0x01
export const MAP_PRIVATE = 0x02
export const MAP_SHARED_VALIDATE = 0x03
export const MAP_DROPPABLE = 0x08
export const MAP_TYPE = 0x0f
export const MAP_FIXED = 0x10
export const MAP_ANONYMOUS = 0x20
export const MAP_32BIT = 0x40
export const MAP_ABOVE4G = 0x80
export const MAP_GROWSDOWN = 0x0100
export const MAP_DENYWRITE = 0x0800
export const MAP_EXECUTABLE = 0x1000
export const MAP_LOCKED = 0x2000
export const MAP_NORESERVE = 0x4000
export const MAP_POPULATE = 0x008000
export const MAP_NONBLOCK = 0x010000
export const MAP_STACK = 0x020000
export const MAP_HUGETLB = 0x040000
export const MAP_SYNC = 0x080000
export const MAP_FIXED_NOREPLACE = 0x100000
export const MAP_UNINITIALIZED = 0x4000000

// mremap(2)
export const MREMAP_MAYMOVE = 1
export const MREMAP_FIXED = 2
export const MREMAP_DONTUNMAP = 4

// msync(2)
export const MS_ASYNC = 1
export const MS_INVALIDATE = 2
export const MS_SYNC = 4

// madvise(2)
export const MADV_NORMAL = 0
export const MADV_RANDOM = 1
export const MADV_SEQUENTIAL = 2
export const MADV_WILLNEED = 3
export const MADV_DONTNEED = 4
export const MADV_FREE = 8
export const MADV_REMOVE = 9
export const MADV_DONTFORK = 10
export const MADV_DOFORK = 11
export const MADV_HWPOISON = 100
export const MADV_SOFT_OFFLINE = 101
export const MADV_MERGEABLE = 12
export const MADV_UNMERGEABLE = 13
export const MADV_HUGEPAGE = 14
export const MADV_NOHUGEPAGE = 15
export const MADV_DONTDUMP = 16
export const MADV_DODUMP = 17
export const MADV_WIPEONFORK = 18
export const MADV_KEEPONFORK = 19
export const MADV_COLD = 20
export const MADV_PAGEOUT = 21
export const MADV_POPULATE_READ = 22
export const MADV_POPULATE_WRITE = 23
export const MADV_DONTNEED_LOCKED = 24
export const MADV_COLLAPSE = 25

// mlock2(2), mlockall(2)
export const MLOCK_ONFAULT = 0x01
export const MCL_CURRENT = 1
export const MCL_FUTURE = 2
export const MCL_ONFAULT = 4

// vm.overcommit_memory
export const OVERCOMMIT_GUESS = 0
export const OVERCOMMIT_ALWAYS = 1
export const OVERCOMMIT_NEVER = 2

// vma->vm_flags, the part that hooks and the kernel here look at
export const VM_READ = 0x1
export const VM_WRITE = 0x2
export const VM_EXEC = 0x4
export const VM_SHARED = 0x8
export const VM_MAYREAD = 0x10
export const VM_MAYWRITE = 0x20
export const VM_MAYEXEC = 0x40
export const VM_MAYSHARE = 0x80
export const VM_GROWSDOWN = 0x100
export const VM_LOCKED = 0x2000
export const VM_IO = 0x4000
export const VM_SEQ_READ = 0x8000
export const VM_RAND_READ = 0x10000
export const VM_DONTCOPY = 0x20000
export const VM_DONTEXPAND = 0x40000
export const VM_LOCKONFAULT = 0x80000
export const VM_ACCOUNT = 0x100000
export const VM_NORESERVE = 0x200000
export const VM_WIPEONFORK = 0x2000000
export const VM_DONTDUMP = 0x4000000
export const VM_HUGEPAGE = 0x20000000
export const VM_NOHUGEPAGE = 0x40000000

/** Kernel setting mmap_min_addr as distributions build it. */
export const DEFAULT_MMAP_MIN_ADDR = 65536
/** One past the highest user address on x86-64 with four page table levels: 2^47 less a page. */
export const TASK_SIZE = 0x7ffffffff000
