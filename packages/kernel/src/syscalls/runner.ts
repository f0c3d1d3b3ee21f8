/**
 * Calls about a program's own memory and registers: whoever runs the program keeps those, so most of these check
 * their arguments and leave the rest to the runner.
 */
import {
  EAGAIN, EBUSY, EFAULT, EINVAL, ENOSYS, EPERM, ERESTARTSYS, ESRCH, ETIMEDOUT, FUTEX_CLOCK_REALTIME, FUTEX_CMD_MASK,
  FUTEX_CMP_REQUEUE, FUTEX_REQUEUE, FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_WAKE, FUTEX_WAKE_BITSET,
  PTRACE_MODE_READ_REALCREDS, TASK_SIZE,
} from '@lsmkit/abi'
import type { Ref, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { WaitQueue } from '../vfs/wait.ts'
import { isTimespec, msOf } from './timespec.ts'
import type { Timespec } from './timespec.ts'

const ARCH_SET_GS = 0x1001
const ARCH_SET_FS = 0x1002
const ARCH_GET_FS = 0x1003
const ARCH_GET_GS = 0x1004
const ROBUST_LIST_SIZE = 24
const RSEQ_SIZE = 32
const RSEQ_FLAG_UNREGISTER = 1
const MEMBARRIER_CMD_QUERY = 0
/** GLOBAL, the expedited forms, and their registrations. */
const MEMBARRIER_COMMANDS = 0x3ff

/** What a futex word is, wherever the runner keeps it; words are told apart by this object. */
export type FutexWord = Ref<number>

export const runnerSyscalls = (machine: Machine) => {
  const { current, tasks } = machine
  const bases = new WeakMap<Task, { fs: number; gs: number }>()
  const robust = new WeakMap<Task, number>()
  const rseqs = new WeakMap<Task, number>()
  /** Sleepers by word, first come first served. */
  const sleepers = new WeakMap<FutexWord, WaitQueue[]>()
  const asleep = new WeakMap<Task, { readonly word: FutexWord; readonly queue: WaitQueue }>()

  const wakeSome = (word: FutexWord, most: number): number => {
    const queues = sleepers.get(word) ?? []
    const woken = queues.splice(0, Math.max(most, 0))
    for (const queue of woken) queue.wake()
    return woken.length
  }

  /** The caller's first try puts it in the line; the next one, after a wake, finds that it was woken. */
  const wait = (word: FutexWord, value: number, ms: number): number => {
    const { task } = current
    const before = asleep.get(task)
    if (before !== undefined && before.word === word) {
      const line = sleepers.get(word) ?? []
      const at = line.indexOf(before.queue)
      asleep.delete(task)
      if (at < 0) {
        machine.deadlines.forget()
        return 0
      }
      line.splice(at, 1)
    } else if (word.value !== value) return -EAGAIN
    const queue = new WaitQueue()
    const rc = machine.deadlines.sleep('futex', queue, ms, -ETIMEDOUT)
    if (rc !== -ERESTARTSYS) return rc
    sleepers.set(word, [...(sleepers.get(word) ?? []), queue])
    asleep.set(task, { word, queue })
    return rc
  }

  /** As `do_futex`, without priority inheritance. */
  const futex = (
    word: FutexWord | null, op: number, value: number, timeout: Timespec | null, word2: FutexWord | null,
    value3: number,
  ): number => {
    const cmd = op & FUTEX_CMD_MASK
    const timed = cmd === FUTEX_WAIT || cmd === FUTEX_WAIT_BITSET
    if ((op & FUTEX_CLOCK_REALTIME) !== 0 && cmd !== FUTEX_WAIT && cmd !== FUTEX_WAIT_BITSET) return -ENOSYS
    if (timed && timeout !== null && !isTimespec(timeout)) return -EINVAL
    if (word === null) return -EFAULT
    switch (cmd) {
      case FUTEX_WAIT:
      case FUTEX_WAIT_BITSET:
        if (cmd === FUTEX_WAIT_BITSET && value3 === 0) return -EINVAL
        return wait(word, value, timeout === null ? Infinity : msOf(timeout))
      case FUTEX_WAKE:
      case FUTEX_WAKE_BITSET:
        return cmd === FUTEX_WAKE_BITSET && value3 === 0 ? -EINVAL : wakeSome(word, value)
      case FUTEX_REQUEUE:
      case FUTEX_CMP_REQUEUE: {
        if (word2 === null) return -EFAULT
        if (cmd === FUTEX_CMP_REQUEUE && word.value !== value3) return -EAGAIN
        return wakeSome(word, value)
      }
      default:
        return -ENOSYS
    }
  }

  const arch_prctl = (option: number, addr: number | Ref<number>): number => {
    const base = bases.get(current.task) ?? { fs: 0, gs: 0 }
    bases.set(current.task, base)
    const register = option === ARCH_SET_FS || option === ARCH_GET_FS ? 'fs' : 'gs'
    switch (option) {
      case ARCH_SET_FS:
      case ARCH_SET_GS:
        if (typeof addr !== 'number' || addr < 0 || addr >= TASK_SIZE) return -EPERM
        base[register] = addr
        return 0
      case ARCH_GET_FS:
      case ARCH_GET_GS:
        if (addr === null || typeof addr !== 'object') return -EFAULT
        addr.value = base[register]
        return 0
      default:
        return -EINVAL
    }
  }

  const set_robust_list = (head: number, len: number): number => {
    if (len !== ROBUST_LIST_SIZE) return -EINVAL
    robust.set(current.task, head)
    return 0
  }
  const get_robust_list = (pid: number, head: Ref<number> | null, len: Ref<number> | null): number => {
    const task = pid === 0 ? current.task : tasks.findByVpid(pid)
    if (task === null) return -ESRCH
    if (!machine.ptrace.may_access(task, PTRACE_MODE_READ_REALCREDS)) return -EPERM
    if (head === null || len === null) return -EFAULT
    len.value = ROBUST_LIST_SIZE
    head.value = robust.get(task) ?? 0
    return 0
  }

  const rseq = (area: number, len: number, flags: number, _sig: number): number => {
    const known = rseqs.get(current.task)
    if ((flags & RSEQ_FLAG_UNREGISTER) !== 0) {
      if (flags !== RSEQ_FLAG_UNREGISTER || known === undefined || known !== area) return -EINVAL
      rseqs.delete(current.task)
      return 0
    }
    if (flags !== 0 || len < RSEQ_SIZE || area % RSEQ_SIZE !== 0) return -EINVAL
    if (known !== undefined) return -EBUSY
    rseqs.set(current.task, area)
    return 0
  }

  /** One processor: every barrier is there. */
  const membarrier = (cmd: number, flags: number, _cpu: number): number => {
    if ((flags & ~1) !== 0) return -EINVAL
    if (cmd === MEMBARRIER_CMD_QUERY) return MEMBARRIER_COMMANDS
    return (cmd & MEMBARRIER_COMMANDS) === cmd && (cmd & (cmd - 1)) === 0 ? 0 : -EINVAL
  }

  return { futex, arch_prctl, set_robust_list, get_robust_list, rseq, membarrier }
}
