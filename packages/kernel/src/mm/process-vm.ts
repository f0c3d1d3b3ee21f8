/** process_vm_readv(2), process_vm_writev(2) and process_madvise(2) (mm/process_vm_access.c, mm/madvise.c). */
import {
  CAP_SYS_NICE, EACCES, EBADF, EFAULT, EINVAL, EPERM, ESRCH, MADV_COLD, MADV_COLLAPSE, MADV_PAGEOUT, MADV_WILLNEED,
  PTRACE_MODE_ATTACH_REALCREDS, PTRACE_MODE_READ_FSCREDS,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import { gather, scatter, totalOf } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'

/** Pieces of one vector (UIO_MAXIOV). */
const IOV_MAX = 1024
/** One piece of the caller's memory for process_vm_readv(2). */
export type LocalIovec = GuestBytes

export interface RemoteIovec {
  iov_base: number
  iov_len: number
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)

const readInto = (bytes: Uint8Array, buffer: Uint8Array, at: number): number => {
  buffer.set(bytes.subarray(0, buffer.length - at), at)
  return bytes.length
}

/** As `process_vm_rw`: the number of bytes moved, or -errno if it is 0. */
export const process_vm_rw = (
  machine: Machine, pid: number, local: readonly LocalIovec[] | null, remote: readonly RemoteIovec[] | null,
  flags: number, write: boolean,
): number => {
  if (flags !== 0) return -EINVAL
  if (local === null || remote === null) return -EFAULT
  if (local.length > IOV_MAX || remote.length > IOV_MAX || remote.some(({ iov_len }) => !(iov_len >= 0)))
    return -EINVAL
  const wanted = Math.min(totalOf(local), sum(remote.map((r) => r.iov_len)))
  if (wanted === 0) return 0
  const task = machine.tasks.findByVpid(pid)
  if (task === null) return -ESRCH
  const mm = machine.ptrace.mm_access(task, PTRACE_MODE_ATTACH_REALCREDS)
  if (typeof mm === 'number') return mm === -EACCES ? -EPERM : mm
  const { memory } = mm
  if (memory === null) return -EFAULT
  const buffer = write ? gather(local, wanted) : new Uint8Array(wanted)
  let moved = 0
  for (const { iov_base, iov_len } of remote) {
    const len = Math.min(iov_len, wanted - moved)
    if (len === 0) continue
    const got = write
      ? memory.write(iov_base, buffer.subarray(moved, moved + len))
      : readInto(memory.read(iov_base, len), buffer, moved)
    moved += got
    if (got < len) break
  }
  if (!write) scatter(buffer.subarray(0, moved), local)
  return moved === 0 ? -EFAULT : moved
}

/** Advice about another process: the right to read it, and CAP_SYS_NICE because it may slow it down. */
export const process_madvise = (
  machine: Machine, pidfd: number, vec: readonly RemoteIovec[] | null, vlen: number, behavior: number, flags: number,
): number => {
  const { current } = machine
  if (flags !== 0 || vlen > IOV_MAX || vlen < 0) return -EINVAL
  if (vec === null && vlen !== 0) return -EFAULT
  const file = fget(current.task, pidfd)
  const pid = file === null ? null : machine.pidfds.pidOf(file)
  if (pid === null) return -EBADF
  if (pid.task === null) return -ESRCH
  if (![MADV_COLD, MADV_PAGEOUT, MADV_WILLNEED, MADV_COLLAPSE].includes(behavior)) return -EINVAL
  const mm = machine.ptrace.mm_access(pid.task, PTRACE_MODE_READ_FSCREDS)
  if (typeof mm === 'number') return mm
  if (mm !== current.task.mm && !capable(machine.lsm, current, CAP_SYS_NICE)) return -EPERM
  let advised = 0
  for (const { iov_base, iov_len } of (vec ?? []).slice(0, vlen)) {
    const rc = machine.advice.do_madvise(mm, iov_base, iov_len, behavior)
    if (rc < 0) return advised === 0 ? rc : advised
    advised += iov_len
  }
  return advised
}
