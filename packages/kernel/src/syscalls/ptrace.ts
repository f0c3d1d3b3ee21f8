/** ptrace(2) and the other calls that look into a process (kernel/ptrace.c, mm/process_vm_access.c, kernel/kcmp.c). */
import {
  CAP_SYS_ADMIN, CAP_SYS_NICE, EACCES, EBADF, EFAULT, EINVAL, EIO, ENOENT, EPERM, ESRCH, MADV_COLD, MADV_COLLAPSE,
  MADV_PAGEOUT, MADV_WILLNEED, PF_KTHREAD, PTRACE_ATTACH, PTRACE_CONT, PTRACE_DETACH, PTRACE_GETEVENTMSG,
  PTRACE_GETSIGINFO, PTRACE_GETSIGMASK, PTRACE_INTERRUPT, PTRACE_KILL, PTRACE_LISTEN, PTRACE_MODE_ATTACH_REALCREDS,
  PTRACE_MODE_READ_FSCREDS, PTRACE_MODE_READ_REALCREDS, PTRACE_O_MASK, PTRACE_O_SUSPEND_SECCOMP, PTRACE_PEEKDATA,
  PTRACE_PEEKTEXT, PTRACE_POKEDATA, PTRACE_POKETEXT, PTRACE_SEIZE, PTRACE_SETOPTIONS, PTRACE_SETSIGINFO,
  PTRACE_SETSIGMASK, PTRACE_SINGLESTEP, PTRACE_SYSCALL, PTRACE_TRACEME, PT_PTRACED, PT_SEIZED, PT_SUSPEND_SECCOMP,
  SIGKILL, SIGSTOP, PTRACE_EVENT_STOP,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { KernelSiginfo, KeyMap, Ref, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { spaceOf } from '../mm/address-space.ts'
import { SIG_KERNEL_ONLY, SIGSET_SIZE, validSignal } from '../task/sigset.ts'
import { kernelSiginfo } from '../task/signals.ts'
import { sameThreadGroup, threadOf } from '../task/thread.ts'
import { EventPoll } from '../vfs/epoll.ts'
import { fget, fget_task } from '../vfs/fdtable.ts'
import { fileState } from '../vfs/state.ts'

const PT_OPT_FLAG_SHIFT = 3
/** Pieces of one vector (UIO_MAXIOV). */
const IOV_MAX = 1024
const WORD = 8

/** What `data` of a request is: a number, or where an answer goes. */
export type PtraceData = number | Ref<number> | Ref<bigint> | Ref<KernelSiginfo> | Ref<Uint8Array> | null

/** Memory of the caller for process_vm_readv(2): a piece of it. */
export type LocalIovec = Uint8Array
export interface RemoteIovec {
  iov_base: number
  iov_len: number
}

const isRef = (data: PtraceData): data is Exclude<PtraceData, number | null> =>
  typeof data === 'object' && data !== null

export const ptraceSyscalls = (lsm: KeyMap, machine: Machine) => {
  const { current, tasks, delivery } = machine

  /** As `check_ptrace_options`. */
  const checkOptions = (options: number): number => {
    if (options & ~PTRACE_O_MASK) return -EINVAL
    if (!(options & PTRACE_O_SUSPEND_SECCOMP)) return 0
    if (!capable(lsm, current, CAP_SYS_ADMIN)) return -EPERM
    const me = current.task
    return threadOf(me).seccomp !== 0 || me.ptrace & PT_SUSPEND_SECCOMP ? -EPERM : 0
  }

  /** As `ptrace_attach`. PTRACE_SEIZE does not stop the tracee. */
  const attach = (task: Task, seize: boolean, addr: number, options: number): number => {
    let flags = PT_PTRACED
    if (seize) {
      if (addr !== 0 || options & ~PTRACE_O_MASK) return -EIO
      const rc = checkOptions(options)
      if (rc !== 0) return rc
      flags = PT_PTRACED | PT_SEIZED | (options << PT_OPT_FLAG_SHIFT)
    }
    if (task.flags & PF_KTHREAD || sameThreadGroup(task, current.task)) return -EPERM
    const rc = machine.ptrace.access(task, PTRACE_MODE_ATTACH_REALCREDS)
    if (rc !== 0) return rc
    if (task.exit_state !== 0 || task.ptrace !== 0) return -EPERM
    task.ptrace = flags
    machine.ptrace.link(task, current.task, current.task.cred)
    if (!seize) machine.signals.send(SIGSTOP, kernelSiginfo(SIGSTOP), task, 'thread')
    if (threadOf(task).state === 'stopped') delivery.trap(task)
    return 0
  }

  /** A tracee of the caller that stands still (`ptrace_check_attach`). */
  const isMine = (task: Task, evenRunning: boolean): boolean =>
    task.ptrace !== 0 && task.parent === current.task &&
    (evenRunning || (threadOf(task).state === 'traced' && !threadOf(task).listening))

  const peek = (task: Task, addr: number, data: PtraceData): number => {
    const bytes = task.mm === null ? undefined : spaceOf(task.mm).memory?.read(addr, WORD)
    if (bytes === undefined || bytes.length < WORD) return -EIO
    if (!isRef(data)) return -EFAULT
    ;(data as Ref<bigint>).value = new DataView(bytes.buffer, bytes.byteOffset, WORD).getBigUint64(0, true)
    return 0
  }
  const poke = (task: Task, addr: number, data: PtraceData): number => {
    const bytes = new Uint8Array(WORD)
    const word = isRef(data) ? (data as Ref<bigint>).value : BigInt(data ?? 0)
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, word), true)
    const written = task.mm === null ? 0 : (spaceOf(task.mm).memory?.write(addr, bytes) ?? 0)
    return written === WORD ? 0 : -EIO
  }

  const setOptions = (task: Task, options: number): number => {
    const rc = checkOptions(options)
    if (rc !== 0) return rc
    task.ptrace = (task.ptrace & ~(PTRACE_O_MASK << PT_OPT_FLAG_SHIFT)) | (options << PT_OPT_FLAG_SHIFT)
    return 0
  }

  const sigmaskOf = (task: Task, size: number, data: PtraceData, set: boolean): number => {
    if (size !== SIGSET_SIZE) return -EINVAL
    if (!isRef(data)) return -EFAULT
    const ref = data as Ref<bigint>
    if (set) threadOf(task).blocked = ref.value & ~SIG_KERNEL_ONLY
    else ref.value = threadOf(task).blocked
    return 0
  }

  const siginfoOf = (task: Task, data: PtraceData, set: boolean): number => {
    const thread = threadOf(task)
    if (thread.last_siginfo === null) return -EINVAL
    if (!isRef(data)) return -EFAULT
    const ref = data as Ref<KernelSiginfo>
    if (set) thread.last_siginfo = { ...ref.value }
    else ref.value = { ...thread.last_siginfo }
    return 0
  }

  /** Goes on with signal `data`, 0 for none. */
  const resume = (task: Task, data: PtraceData): number => {
    const sig = typeof data === 'number' ? data : 0
    if (!validSignal(sig)) return -EIO
    delivery.resume(task, sig)
    return 0
  }
  const detach = (task: Task, data: PtraceData): number => {
    const sig = typeof data === 'number' ? data : 0
    if (!validSignal(sig)) return -EIO
    machine.exits.detach(task)
    delivery.resume(task, sig)
    return 0
  }

  /** A seized tracee is stopped without a signal. */
  const interrupt = (task: Task): number => {
    if (!(task.ptrace & PT_SEIZED)) return -EIO
    delivery.requestTrap(task)
    return 0
  }

  /** The tracee stays where it is until something happens to its group stop. */
  const listen = (task: Task): number => {
    const thread = threadOf(task)
    if (!(task.ptrace & PT_SEIZED) || (thread.last_siginfo?.si_code ?? 0) >> 8 !== PTRACE_EVENT_STOP) return -EIO
    thread.listening = true
    if (thread.trap_pending) delivery.requestTrap(task)
    return 0
  }

  const request = (task: Task, what: number, addr: number, data: PtraceData): number => {
    switch (what) {
      case PTRACE_PEEKTEXT:
      case PTRACE_PEEKDATA:
        return peek(task, addr, data)
      case PTRACE_POKETEXT:
      case PTRACE_POKEDATA:
        return poke(task, addr, data)
      case PTRACE_SETOPTIONS:
        return setOptions(task, typeof data === 'number' ? data : 0)
      case PTRACE_GETEVENTMSG:
        if (!isRef(data)) return -EFAULT
        ;(data as Ref<number>).value = threadOf(task).ptrace_message
        return 0
      case PTRACE_GETSIGINFO:
        return siginfoOf(task, data, false)
      case PTRACE_SETSIGINFO:
        return siginfoOf(task, data, true)
      case PTRACE_GETSIGMASK:
        return sigmaskOf(task, addr, data, false)
      case PTRACE_SETSIGMASK:
        return sigmaskOf(task, addr, data, true)
      case PTRACE_CONT:
      case PTRACE_SYSCALL:
      case PTRACE_SINGLESTEP:
        return resume(task, data)
      case PTRACE_DETACH:
        return detach(task, data)
      case PTRACE_INTERRUPT:
        return interrupt(task)
      case PTRACE_LISTEN:
        return listen(task)
      case PTRACE_KILL:
        return machine.signals.send(SIGKILL, kernelSiginfo(SIGKILL), task, 'thread')
      default:
        return -EIO
    }
  }

  const ptrace = (what: number, pid: number, addr: number, data: PtraceData): number => {
    if (what === PTRACE_TRACEME) return machine.ptrace.traceme()
    const task = tasks.findByVpid(pid)
    if (task === null) return -ESRCH
    if (what === PTRACE_ATTACH || what === PTRACE_SEIZE)
      return attach(task, what === PTRACE_SEIZE, addr, typeof data === 'number' ? data : 0)
    if (!isMine(task, what === PTRACE_KILL || what === PTRACE_INTERRUPT)) return -ESRCH
    return request(task, what, addr, data)
  }

  /** As `process_vm_rw`: bytes moved, or -errno when none could be. */
  const processVm = (
    pid: number,
    local: readonly LocalIovec[] | null,
    remote: readonly RemoteIovec[] | null,
    flags: number,
    write: boolean,
  ): number => {
    if (flags !== 0) return -EINVAL
    if (local === null || remote === null) return -EFAULT
    if (local.length > IOV_MAX || remote.length > IOV_MAX || remote.some(({ iov_len }) => !(iov_len >= 0)))
      return -EINVAL
    const wanted = Math.min(sum(local.map((l) => l.length)), sum(remote.map((r) => r.iov_len)))
    if (wanted === 0) return 0
    const task = tasks.findByVpid(pid)
    if (task === null) return -ESRCH
    const mm = machine.ptrace.mm_access(task, PTRACE_MODE_ATTACH_REALCREDS)
    if (typeof mm === 'number') return mm === -EACCES ? -EPERM : mm
    const { memory } = mm
    if (memory === null) return -EFAULT
    const buffer = new Uint8Array(wanted)
    if (write) gather(local, buffer)
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
  const process_madvise = (
    pidfd: number,
    vec: readonly RemoteIovec[] | null,
    vlen: number,
    behavior: number,
    flags: number,
  ): number => {
    if (flags !== 0 || vlen > IOV_MAX || vlen < 0) return -EINVAL
    if (vec === null && vlen !== 0) return -EFAULT
    const file = fget(current.task, pidfd)
    const pid = file === null ? null : machine.pidfds.pidOf(file)
    if (pid === null) return -EBADF
    if (pid.task === null) return -ESRCH
    if (![MADV_COLD, MADV_PAGEOUT, MADV_WILLNEED, MADV_COLLAPSE].includes(behavior)) return -EINVAL
    const mm = machine.ptrace.mm_access(pid.task, PTRACE_MODE_READ_FSCREDS)
    if (typeof mm === 'number') return mm
    if (mm !== current.task.mm && !capable(lsm, current, CAP_SYS_NICE)) return -EPERM
    let advised = 0
    for (const { iov_base, iov_len } of (vec ?? []).slice(0, vlen)) {
      const rc = machine.advice.do_madvise(mm, iov_base, iov_len, behavior)
      if (rc < 0) return advised === 0 ? rc : advised
      advised += iov_len
    }
    return advised
  }

  /** A number of its own for everything that was compared once: any order will do, if it stays. */
  const numbers = new WeakMap<object, number>()
  let compared = 0
  const order = (thing: object | null): number => {
    if (thing === null) return 0
    const number = numbers.get(thing) ?? ++compared
    numbers.set(thing, number)
    return number
  }

  const compare = (a: object | null, b: object | null): number => (a === b ? 0 : order(a) < order(b) ? 1 : 2)

  /** An open file of one process, and what an epoll instance of the other watches by a number. */
  const compareWatched = (one: Task, two: Task, idx1: number, slot: KcmpEpollSlot | null): number => {
    if (slot === null || typeof slot !== 'object') return -EFAULT
    const file = fget_task(one, idx1)
    const epoll = fget_task(two, slot.efd)
    if (file === null || epoll === null) return -EBADF
    const { data } = fileState(epoll)
    if (!(data instanceof EventPoll)) return -EINVAL
    const watched = [...data.items].filter(({ fd }) => fd === slot.tfd)[slot.toff]
    return watched === undefined ? -ENOENT : compare(file, watched.file)
  }

  /** Compares two things of two processes: 0 the same, 1 and 2 different. `idx2`: a slot for KCMP_EPOLL_TFD. */
  const kcmp = (
    pid1: number, pid2: number, type: number, idx1: number, idx2: number | KcmpEpollSlot | null,
  ): number => {
    const one = tasks.findByVpid(pid1)
    const two = tasks.findByVpid(pid2)
    if (one === null || two === null) return -ESRCH
    if (!machine.ptrace.may_access(one, PTRACE_MODE_READ_REALCREDS)) return -EPERM
    if (!machine.ptrace.may_access(two, PTRACE_MODE_READ_REALCREDS)) return -EPERM
    if (type === KCMP_EPOLL_TFD) return compareWatched(one, two, idx1, idx2 as KcmpEpollSlot | null)
    const pick = KCMP[type]
    if (pick === undefined) return -EINVAL
    const a = pick(one, idx1)
    const b = pick(two, idx2 as number)
    if (type === 0 && (a === null || b === null)) return -EBADF
    return compare(a, b)
  }

  /** Both calls, as user space makes them: each list comes with its length, which the arrays know themselves. */
  const processVmCall =
    (write: boolean) =>
    (
      pid: number,
      local: readonly LocalIovec[],
      _local_count: number,
      remote: readonly RemoteIovec[],
      _remote_count: number,
      flags: number,
    ) => processVm(pid, local, remote, flags, write)

  return {
    ptrace,
    process_madvise,
    kcmp,
    process_vm_readv: processVmCall(false),
    process_vm_writev: processVmCall(true),
  }
}

/** `struct kcmp_epoll_slot`: of those the instance watches by a number, the `toff`th. */
export interface KcmpEpollSlot {
  readonly efd: number
  readonly tfd: number
  readonly toff: number
}
const KCMP_EPOLL_TFD = 7

/** KCMP_*: file, address space, descriptor table, fs, handlers, I/O context, semaphore undo. */
const KCMP: readonly ((task: Task, idx: number) => object | null)[] = [
  fget_task,
  (task) => task.mm,
  (task) => task.files,
  (task) => task.fs,
  (task) => threadOf(task).sighand,
  () => null,
  () => null,
]

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)
const gather = (pieces: readonly Uint8Array[], into: Uint8Array): void => {
  let at = 0
  for (const piece of pieces) {
    const part = piece.subarray(0, into.length - at)
    into.set(part, at)
    at += part.length
  }
}
const scatter = (from: Uint8Array, pieces: readonly Uint8Array[]): void => {
  let at = 0
  for (const piece of pieces) {
    const part = from.subarray(at, at + piece.length)
    piece.set(part)
    at += part.length
  }
}
const readInto = (bytes: Uint8Array, buffer: Uint8Array, at: number): number => {
  buffer.set(bytes.subarray(0, buffer.length - at), at)
  return bytes.length
}
