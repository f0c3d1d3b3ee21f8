/** signalfd, rt_sigtimedwait, rt_sigsuspend and sigaltstack (fs/signalfd.c, kernel/signal.c). */
import {
  EAGAIN, EBADF, EFAULT, EINTR, EINVAL, ENOMEM, EPERM, EPOLLIN, O_CLOEXEC,
  O_NONBLOCK, O_RDWR,
} from '@lsmkit/abi'
import type { File, KernelSiginfo, Task } from '@lsmkit/core'
import { copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import { fileOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { nextQueue, nextSignal, SIG_KERNEL_ONLY, SIGSET_SIZE } from '../state/task/sigset.ts'
import type { SigSet } from '../state/task/sigset.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'
import { RunnerState } from './runner-state.ts'
import type { StackT } from './runner-state.ts'
import { isTimespec, msOf } from '../state/timespec.ts'
import type { Timespec } from '../state/timespec.ts'

/** Bytes of `struct signalfd_siginfo`. */
const SIGINFO_SIZE = 128
const SS_ONSTACK = 1
const SS_DISABLE = 2
const SS_AUTODISARM = 0x80000000
const MINSIGSTKSZ = 2048

interface SignalFd {
  mask: SigSet
}

const signalfdOps = (machine: Machine): FileOperations => fileOperations({
  read(file, buf, off, len) {
    if (len < SIGINFO_SIZE) return -EINVAL
    let done = 0
    while (done + SIGINFO_SIZE <= len) {
      const info = dequeue(machine.current.task, fdOf(file).mask)
      if (info === null) break
      put(buf, off + done, info)
      done += SIGINFO_SIZE
    }
    if (done > 0) return done
    return machine.sleepUnlessNonblock(file, wakeQueue(machine))
  },
  poll: (file) => ((machine.signals.pendingSet(machine.current.task) & fdOf(file).mask) !== 0n ? EPOLLIN : 0),
  poll_queue: () => wakeQueue(machine),
})

/** The operations of signalfd files. */
class SignalFds {
  readonly fops: FileOperations

  constructor(machine: Machine) {
    this.fops = signalfdOps(machine)
  }
}

/** Takes the next pending signal of `wanted`, the thread's own first; null when there is none. */
const dequeue = (task: Task, wanted: SigSet): KernelSiginfo | null => {
  const { pending } = threadOf(task)
  const queue = nextQueue(pending, signalOf(task).shared_pending, ~wanted)
  return queue?.dequeue(nextSignal(queue, ~wanted)) ?? null
}

const wakeQueue = (machine: Machine) => signalOf(machine.current.task).wait_chldexit

const fdOf = (file: File): SignalFd => fileState(file).data as SignalFd

const put = (buf: GuestBytes, off: number, { si_signo, si_errno, si_code, si_pid, si_uid }: KernelSiginfo): void => {
  const words = new Int32Array(SIGINFO_SIZE / 4)
  words.set([si_signo, si_errno, si_code, si_pid, si_uid])
  copyOut(new Uint8Array(words.buffer), buf, off)
}

const signalfd4 = (machine: Machine, ufd: number, set: SigSet | null, size: number, flags: number): number => {
  if (size !== SIGSET_SIZE) return -EINVAL
  if (set === null) return -EFAULT
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) !== 0) return -EINVAL
  const mask = set & ~SIG_KERNEL_ONLY
  if (ufd === -1) {
    const cloexec = (flags & O_CLOEXEC) !== 0
    const { fops } = machine.part(SignalFds)
    return machine.vfs.anon_inode_getfd('[signalfd]', fops, { mask }, O_RDWR | (flags & O_NONBLOCK), cloexec)
  }
  const file = fget(machine.current.task, ufd)
  if (file === null) return -EBADF
  if (fileState(file).f_op !== machine.part(SignalFds).fops) return -EINVAL
  fdOf(file).mask = mask
  wakeQueue(machine).wake()
  return ufd
}

const signalfd = (
  machine: Machine, ufd: number, set: SigSet | null, size: number,
): number => signalfd4(machine, ufd, set, size, 0)

const rt_sigtimedwait = (
  machine: Machine, set: SigSet | null, info: KernelSiginfo | null, timeout: Timespec | null, size: number,
): number => {
  if (size !== SIGSET_SIZE) return -EINVAL
  if (set === null) return -EFAULT
  if (timeout !== null && !isTimespec(timeout)) return -EINVAL
  const found = dequeue(machine.current.task, set & ~SIG_KERNEL_ONLY)
  if (found !== null) {
    machine.deadlines.forget()
    if (info !== null) Object.assign(info, found)
    return found.si_signo
  }
  if (machine.signals.signal_pending(machine.current.task)) return -EINTR
  const ms = timeout === null ? Infinity : msOf(timeout)
  return machine.deadlines.sleep('rt_sigtimedwait', wakeQueue(machine), ms, -EAGAIN)
}

/** Sleeps until a signal outside `mask` comes. The mask holds while the call is made again. */
const rt_sigsuspend = (machine: Machine, mask: SigSet | null, size: number): number => {
  if (size !== SIGSET_SIZE) return -EINVAL
  if (mask === null) return -EFAULT
  return machine.signals.withBlocked(mask, () => {
    return machine.sleep(wakeQueue(machine))
  })
}

const noStack = (): StackT => ({ ss_sp: 0, ss_flags: SS_DISABLE, ss_size: 0 })

/** Keeps where the stack lies. Only the runner knows where its program's stack pointer is. */
const sigaltstack = (machine: Machine, ss: StackT | null, old: StackT | null): number => {
  const { task } = machine.current
  const { altStacks } = machine.part(RunnerState)
  const now = altStacks.get(task) ?? noStack()
  if (ss !== null) {
    const mode = ss.ss_flags & ~SS_AUTODISARM
    if (mode !== SS_DISABLE && mode !== SS_ONSTACK && mode !== 0) return -EINVAL
    if ((now.ss_flags & SS_ONSTACK) !== 0) return -EPERM
    if (mode !== SS_DISABLE && ss.ss_size < MINSIGSTKSZ) return -ENOMEM
    altStacks.set(task, mode === SS_DISABLE ? noStack() : { ...ss, ss_flags: 0 })
  }
  if (old !== null) Object.assign(old, now)
  return 0
}

export const signalWaitSyscalls = { signalfd, signalfd4, rt_sigtimedwait, rt_sigsuspend, sigaltstack }
