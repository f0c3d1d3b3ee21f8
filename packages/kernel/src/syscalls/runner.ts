/**
 * Calls about a program's own memory and registers: whoever runs the program keeps those, so most of these check
 * their arguments and leave the rest to the runner.
 */
import {
  CLONE_VM, EBUSY, EFAULT, EINTR, EINVAL, EPERM, ESRCH, PTRACE_MODE_READ_REALCREDS, TASK_SIZE,
} from '@lsmkit/abi'
import type { Ref, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'

const ARCH_SET_GS = 0x1001
const ARCH_SET_FS = 0x1002
const ARCH_GET_FS = 0x1003
const ARCH_GET_GS = 0x1004
const ROBUST_LIST_SIZE = 24
const RSEQ_SIZE = 32
const RSEQ_FLAG_UNREGISTER = 1
const MEMBARRIER_CMD_QUERY = 0
const MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ = 1 << 7
const MEMBARRIER_CMD_FLAG_CPU = 1
/** GLOBAL, the expedited forms, and their registrations. */
const MEMBARRIER_COMMANDS = 0x3ff

export const runnerSyscalls = (machine: Machine) => {
  const { current, tasks } = machine
  const bases = new WeakMap<Task, { fs: number; gs: number }>()
  const robust = new WeakMap<Task, number>()
  const rseqs = new WeakMap<Task, number>()
  machine.onExec.push((task) => {
    for (const kept of [bases, robust, rseqs]) kept.delete(task)
  })
  machine.onFork.push((child, parent, flags) => {
    const base = bases.get(parent)
    if (base !== undefined) bases.set(child, { ...base })
    const area = rseqs.get(parent)
    if (area !== undefined && (flags & CLONE_VM) === 0) rseqs.set(child, area)
  })

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
    const known = cmd === MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ ? MEMBARRIER_CMD_FLAG_CPU : 0
    if ((flags & ~known) !== 0) return -EINVAL
    if (cmd === MEMBARRIER_CMD_QUERY) return MEMBARRIER_COMMANDS
    return (cmd & MEMBARRIER_COMMANDS) === cmd && (cmd & (cmd - 1)) === 0 ? 0 : -EINVAL
  }

  /** Nothing is ever left to be restarted: whoever runs a program makes the call itself again. */
  const restart_syscall = (): number => -EINTR

  return { restart_syscall, arch_prctl, set_robust_list, get_robust_list, rseq, membarrier }
}
