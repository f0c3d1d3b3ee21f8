/** Requests of a tracer about a stopped tracee: words, masks, how it goes on (`ptrace_request`). */
import {
  CAP_SYS_ADMIN, EFAULT, EINVAL, EIO, EPERM, PTRACE_CONT, PTRACE_DETACH, PTRACE_GETEVENTMSG, PTRACE_GETSIGINFO,
  PTRACE_GETSIGMASK, PTRACE_INTERRUPT, PTRACE_KILL, PTRACE_LISTEN, PTRACE_O_MASK, PTRACE_O_SUSPEND_SECCOMP,
  PTRACE_PEEKDATA, PTRACE_PEEKTEXT, PTRACE_POKEDATA, PTRACE_POKETEXT, PTRACE_SETOPTIONS, PTRACE_SETSIGINFO,
  PTRACE_SETSIGMASK, PTRACE_SINGLESTEP, PTRACE_SYSCALL, PT_SEIZED, PT_SUSPEND_SECCOMP, SIGKILL, PTRACE_EVENT_STOP,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { KernelSiginfo, Ref, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { spaceOf } from '../state/mm/address-space.ts'
import { kernelSiginfo } from './signal-info.ts'
import { SIGSET_SIZE, SIG_KERNEL_ONLY, validSignal } from '../state/task/sigset.ts'
import { threadOf } from '../state/task/thread.ts'

const WORD = 8
export const PT_OPT_FLAG_SHIFT = 3
/** The `data` of a request: a number, or where the result goes. */
export type PtraceData = number | Ref<number> | Ref<bigint> | Ref<KernelSiginfo> | Ref<Uint8Array> | null

const isRef = (data: PtraceData): data is Exclude<PtraceData, number | null> =>
  typeof data === 'object' && data !== null

/** As `check_ptrace_options`. */
export const check_ptrace_options = (machine: Machine, options: number): number => {
  if (options & ~PTRACE_O_MASK) return -EINVAL
  if (!(options & PTRACE_O_SUSPEND_SECCOMP)) return 0
  if (!capable(machine.lsm, machine.current, CAP_SYS_ADMIN)) return -EPERM
  const me = machine.current.task
  return threadOf(me).seccomp !== 0 || me.ptrace & PT_SUSPEND_SECCOMP ? -EPERM : 0
}

const peekWord = (task: Task, addr: number, data: PtraceData): number => {
  const bytes = task.mm === null ? undefined : spaceOf(task.mm).memory?.read(addr, WORD)
  if (bytes === undefined || bytes.length < WORD) return -EIO
  if (!isRef(data)) return -EFAULT
  ;(data as Ref<bigint>).value = new DataView(bytes.buffer, bytes.byteOffset, WORD).getBigUint64(0, true)
  return 0
}

const pokeWord = (task: Task, addr: number, data: PtraceData): number => {
  const bytes = new Uint8Array(WORD)
  const word = isRef(data) ? (data as Ref<bigint>).value : BigInt(data ?? 0)
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, word), true)
  const written = task.mm === null ? 0 : (spaceOf(task.mm).memory?.write(addr, bytes) ?? 0)
  return written === WORD ? 0 : -EIO
}

const setOptions = (machine: Machine, task: Task, options: number): number => {
  const rc = check_ptrace_options(machine, options)
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

/** Resumes the task with signal `data`; 0 sends no signal. */
const ptrace_resume = (machine: Machine, task: Task, data: PtraceData): number => {
  const sig = typeof data === 'number' ? data : 0
  if (!validSignal(sig)) return -EIO
  machine.delivery.resume(task, sig)
  return 0
}

const ptrace_detach = (machine: Machine, task: Task, data: PtraceData): number => {
  const sig = typeof data === 'number' ? data : 0
  if (!validSignal(sig)) return -EIO
  machine.exits.detach(task)
  machine.delivery.resume(task, sig)
  return 0
}

/** A seized tracee is stopped without a signal. */
const interrupt = (machine: Machine, task: Task): number => {
  if (!(task.ptrace & PT_SEIZED)) return -EIO
  machine.delivery.requestTrap(task)
  return 0
}

/** The tracee stays where it is until something happens to its group stop. */
const listen = (machine: Machine, task: Task): number => {
  const thread = threadOf(task)
  if (!(task.ptrace & PT_SEIZED) || (thread.last_siginfo?.si_code ?? 0) >> 8 !== PTRACE_EVENT_STOP) return -EIO
  thread.listening = true
  if (thread.trap_pending) machine.delivery.requestTrap(task)
  return 0
}

export const ptrace_request = (machine: Machine, task: Task, what: number, addr: number, data: PtraceData): number => {
  switch (what) {
    case PTRACE_PEEKTEXT:
    case PTRACE_PEEKDATA:
      return peekWord(task, addr, data)
    case PTRACE_POKETEXT:
    case PTRACE_POKEDATA:
      return pokeWord(task, addr, data)
    case PTRACE_SETOPTIONS:
      return setOptions(machine, task, typeof data === 'number' ? data : 0)
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
      return ptrace_resume(machine, task, data)
    case PTRACE_DETACH:
      return ptrace_detach(machine, task, data)
    case PTRACE_INTERRUPT:
      return interrupt(machine, task)
    case PTRACE_LISTEN:
      return listen(machine, task)
    case PTRACE_KILL:
      return machine.signals.send(SIGKILL, kernelSiginfo(SIGKILL), task, 'thread')
    default:
      return -EIO
  }
}
