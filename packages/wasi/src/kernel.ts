/** What of a kernel this package uses: the system calls by name, each taking the task that makes it. */
import type { Ref, Task } from '@lsmkit/core'
import type { Kstat, Machine } from '@lsmkit/kernel'

export type { ExecImage, WasmImage } from '@lsmkit/kernel'

/** Paths are strings, buffers Uint8Array, results an int >= 0 or -errno. */
export interface Sys {
  close(task: Task, fd: number): number
  dup2(task: Task, oldfd: number, newfd: number): number
  dup3(task: Task, oldfd: number, newfd: number, flags: number): number
  execve(task: Task, name: string, argv: readonly string[] | null, envp: readonly string[] | null): number
  exit_group(task: Task, status: number): number
  fadvise64(task: Task, fd: number, offset: number, len: number, advice: number): number
  fallocate(task: Task, fd: number, mode: number, offset: number, len: number): number
  fcntl(task: Task, fd: number, cmd: number, arg: number): number
  fdatasync(task: Task, fd: number): number
  fork(task: Task): number
  fstat(task: Task, fd: number, stat: Kstat): number
  fsync(task: Task, fd: number): number
  ftruncate(task: Task, fd: number, length: number): number
  getdents64(task: Task, fd: number, buf: Uint8Array): number
  getrandom(task: Task, buf: Uint8Array, flags: number): number
  linkat(task: Task, olddfd: number, oldname: string, newdfd: number, newname: string, flags: number): number
  lseek(task: Task, fd: number, offset: number, whence: number): number
  mkdirat(task: Task, dfd: number, pathname: string, mode: number): number
  newfstatat(task: Task, dfd: number, filename: string, stat: Kstat, flag: number): number
  getpid(task: Task): number
  gettid(task: Task): number
  openat(task: Task, dfd: number, filename: string, flags: number, mode: number): number
  openat2(task: Task, dfd: number, filename: string, how: OpenHow): number
  pread64(task: Task, fd: number, buf: Uint8Array, pos: number): number
  preadv(task: Task, fd: number, vec: readonly Uint8Array[], pos: number): number
  pwrite64(task: Task, fd: number, buf: Uint8Array, pos: number): number
  pwritev(task: Task, fd: number, vec: readonly Uint8Array[], pos: number): number
  read(task: Task, fd: number, buf: Uint8Array): number
  readlinkat(task: Task, dfd: number, pathname: string, buf: Uint8Array): number
  readv(task: Task, fd: number, vec: readonly Uint8Array[]): number
  renameat(task: Task, olddfd: number, oldname: string, newdfd: number, newname: string): number
  sched_yield(task: Task): number
  symlinkat(task: Task, oldname: string, newdfd: number, newname: string): number
  tgkill(task: Task, tgid: number, pid: number, sig: number): number
  unlinkat(task: Task, dfd: number, pathname: string, flag: number): number
  utimensat(task: Task, dfd: number, filename: string | null, times: readonly Timespec[] | null, flags: number): number
  wait4(task: Task, upid: number, stat: Ref<number> | null, options: number, rusage: null): number
  write(task: Task, fd: number, buf: Uint8Array): number
  writev(task: Task, fd: number, vec: readonly Uint8Array[]): number
}

export interface OpenHow {
  flags: number
  mode: number
  resolve: number
}

export interface Timespec {
  tv_sec: number
  tv_nsec: number
}

/** What is needed of a booted kernel (`bootKernel` of @lsmkit/kernel). */
export interface WasiKernel {
  readonly sys: Sys
  readonly machine: Machine
}
