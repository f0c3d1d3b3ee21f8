/** The functions of the C library that native calls need, by koffi. */
import { createRequire } from 'node:module'
import type * as Koffi from 'koffi'

type Words<N extends number, All extends number[] = []> =
  All['length'] extends N ? All : Words<N, [...All, number]>
type Call<N extends number> = (...args: Words<N>) => number

/** Pointers are addresses as numbers: nothing is converted for a call. */
const prototypes = {
  syscall: 'intptr_t syscall(intptr_t, intptr_t, intptr_t, intptr_t, intptr_t, intptr_t)',
  close: 'int close(int)',
  statx: 'int statx(int, intptr_t, int, uint, intptr_t)',
  readlinkat: 'intptr_t readlinkat(int, intptr_t, intptr_t, intptr_t)',
  mkdirat: 'int mkdirat(int, intptr_t, uint)',
  symlinkat: 'int symlinkat(intptr_t, int, intptr_t)',
  unlinkat: 'int unlinkat(int, intptr_t, int)',
  linkat: 'int linkat(int, intptr_t, int, intptr_t, int)',
  ftruncate: 'int ftruncate(int, intptr_t)',
  chmod: 'int chmod(intptr_t, uint)',
  utimensat: 'int utimensat(int, intptr_t, intptr_t, int)',
  fsync: 'int fsync(int)',
  getxattr: 'intptr_t getxattr(intptr_t, intptr_t, intptr_t, intptr_t)',
  setxattr: 'int setxattr(intptr_t, intptr_t, intptr_t, intptr_t, int)',
  removexattr: 'int removexattr(intptr_t, intptr_t)',
  read: 'intptr_t read(int, intptr_t, intptr_t)',
  pread: 'intptr_t pread(int, intptr_t, intptr_t, intptr_t)',
  inotify_init1: 'int inotify_init1(int)',
  inotify_add_watch: 'int inotify_add_watch(int, intptr_t, uint)',
  inotify_rm_watch: 'int inotify_rm_watch(int, int)',
} as const

export interface LibC {
  readonly syscall: Call<6>
  readonly close: Call<1>
  readonly statx: Call<5>
  readonly readlinkat: Call<4>
  readonly mkdirat: Call<3>
  readonly symlinkat: Call<3>
  readonly unlinkat: Call<3>
  readonly linkat: Call<5>
  readonly ftruncate: Call<2>
  readonly chmod: Call<2>
  readonly utimensat: Call<4>
  readonly fsync: Call<1>
  readonly getxattr: Call<4>
  readonly setxattr: Call<5>
  readonly removexattr: Call<2>
  readonly read: Call<3>
  readonly pread: Call<4>
  readonly inotify_init1: Call<1>
  readonly inotify_add_watch: Call<3>
  readonly inotify_rm_watch: Call<2>
  readonly errno: () => number
  readonly address: (bytes: Uint8Array) => number
}

/** Throws what loading koffi throws. */
export const loadLibC = (): LibC => {
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi
  const process = koffi.load(null)
  const functions = Object.fromEntries(Object.entries(prototypes).map(([name, text]) => [name, process.func(text)]))
  return {
    ...functions as unknown as LibC, errno: koffi.errno, address: (bytes) => Number(koffi.address(bytes)),
  }
}
