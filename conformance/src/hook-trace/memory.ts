/** Operations of hook-trace.tsv: address spaces. */
import {
  MAP_ANONYMOUS, MAP_FIXED, MAP_HUGETLB, MAP_LOCKED, MAP_PRIVATE, MAP_SHARED, MREMAP_FIXED, MREMAP_MAYMOVE, O_RDONLY,
  O_RDWR, PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE, RLIMIT_MEMLOCK,
} from '@lsmkit/abi'
import type { Operation } from './world.ts'

const MADV_DONTNEED = 4

/** Maps the file `f`, opened for reading. */
const mapFile = (prot: number, flags: number): Operation => (world) => {
  const f = world.openFile(O_RDONLY)
  return () => world.sys.mmap(0, 4096, prot, flags, f, 0)
}

const mapAnonymous = (addr: number, len: number, prot: number, flags: number): Operation => ({ sys }) => () =>
  sys.mmap(addr, len, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0)

const asUser = (operation: Operation): Operation => (world) => {
  world.user()
  return operation(world)
}

export const memoryOperations: Readonly<Record<string, Operation>> = {
  mmap_file_ro: mapFile(PROT_READ, MAP_PRIVATE),
  mmap_file_exec: mapFile(PROT_READ | PROT_EXEC, MAP_PRIVATE),
  mmap_file_shared_rofd: mapFile(PROT_READ | PROT_WRITE, MAP_SHARED),
  mmap_fixed_low: mapAnonymous(0x1000, 4096, PROT_READ, MAP_FIXED),
  mmap_fixed_low_user: asUser(mapAnonymous(0x1000, 4096, PROT_READ, MAP_FIXED)),
  mmap_hugetlb: mapAnonymous(0, 2 << 20, PROT_READ | PROT_WRITE, MAP_HUGETLB),
  mmap_locked_user: (world) => {
    world.sys.setrlimit(RLIMIT_MEMLOCK, { rlim_cur: 0, rlim_max: 0 })
    return asUser(mapAnonymous(0, 4096, PROT_READ, MAP_LOCKED))(world)
  },
  mprotect_two: (world) => {
    const p = world.buffer(0, 8192)
    world.sys.mprotect(p, 4096, PROT_READ)
    return () => world.sys.mprotect(p, 8192, PROT_NONE)
  },
  pkey_mprotect_: (world) => {
    const p = world.buffer(0)
    return () => world.sys.pkey_mprotect(p, 4096, PROT_READ, -1)
  },
  mremap_grow: (world) => {
    const p = world.buffer(0)
    return () => world.sys.mremap(p, 4096, 8192, MREMAP_MAYMOVE, 0)
  },
  mremap_fixed: (world) => {
    const p = world.buffer(0)
    return () => world.sys.mremap(p, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, 0x700000000000)
  },
  munmap_: (world) => {
    const f = world.openFile(O_RDONLY)
    const p = world.sys.mmap(0, 4096, PROT_READ, MAP_PRIVATE, f, 0)
    world.sys.close(f)
    return () => world.sys.munmap(p, 4096)
  },
  brk_: ({ sys }) => {
    const b = sys.brk(0)
    return () => sys.brk(b + 4096)
  },
  madvise_: (world) => {
    const p = world.buffer(0)
    return () => world.sys.madvise(p, 4096, MADV_DONTNEED)
  },
  mlock_: (world) => {
    const p = world.buffer(0)
    return () => world.sys.mlock(p, 4096)
  },
  mincore_: (world) => {
    const p = world.sys.mmap(0, 4096, PROT_READ, MAP_PRIVATE, world.openFile(O_RDONLY), 0)
    return () => world.sys.mincore(p, 4096, new Uint8Array(1))
  },
  remap_file_pages_: (world) => {
    const f = world.openFile(O_RDWR)
    world.sys.ftruncate(f, 8192)
    const p = world.sys.mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0)
    return () => world.sys.remap_file_pages(p, 4096, 0, 1, 0)
  },
  // touching a page is no call, and asks nobody
  pagefault_file: () => () => undefined,
  move_pages_self: (world) => {
    const p = world.buffer(0)
    return () => world.sys.move_pages(0, 1, [p], null, [0], 0)
  },
}
