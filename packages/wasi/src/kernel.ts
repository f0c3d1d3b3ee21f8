/** What of a kernel this package uses: the system calls by name, each taking the task that makes it. */
import type { Task } from '@lsmkit/core'
import type { Kstat } from './kstat.ts'

/** Paths are strings, buffers Uint8Array, results an int >= 0 or -errno. */
export interface Sys {
  close(task: Task, fd: number): number
  dup2(task: Task, oldfd: number, newfd: number): number
  exit_group(task: Task, status: number): number
  fadvise64(task: Task, fd: number, offset: number, len: number, advice: number): number
  fallocate(task: Task, fd: number, mode: number, offset: number, len: number): number
  fcntl(task: Task, fd: number, cmd: number, arg: number): number
  fdatasync(task: Task, fd: number): number
  fstat(task: Task, fd: number, stat: Kstat): number
  fsync(task: Task, fd: number): number
  ftruncate(task: Task, fd: number, length: number): number
  getdents64(task: Task, fd: number, buf: Uint8Array): number
  getrandom(task: Task, buf: Uint8Array, flags: number): number
  linkat(task: Task, olddfd: number, oldname: string, newdfd: number, newname: string, flags: number): number
  lseek(task: Task, fd: number, offset: number, whence: number): number
  mkdirat(task: Task, dfd: number, pathname: string, mode: number): number
  newfstatat(task: Task, dfd: number, filename: string, stat: Kstat, flag: number): number
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
  unlinkat(task: Task, dfd: number, pathname: string, flag: number): number
  utimensat(task: Task, dfd: number, filename: string | null, times: readonly Timespec[] | null, flags: number): number
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
