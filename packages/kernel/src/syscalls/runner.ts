/**
 * Calls on memory and registers that the runner of a program keeps. Most of them check their arguments and leave the
 * rest to the runner.
 */
import {
  EBUSY, EFAULT, EINTR, EINVAL, EPERM, ESRCH, PTRACE_MODE_READ_REALCREDS, TASK_SIZE,
} from '@lsmkit/abi'
import type { Ref } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { RunnerState } from './runner-state.ts'

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

const arch_prctl = (machine: Machine, option: number, addr: number | Ref<number>): number => {
  const base = machine.part(RunnerState).bases.get(machine.current.task) ?? { fs: 0, gs: 0 }
  machine.part(RunnerState).bases.set(machine.current.task, base)
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

const set_robust_list = (machine: Machine, head: number, len: number): number => {
  if (len !== ROBUST_LIST_SIZE) return -EINVAL
  machine.part(RunnerState).robustLists.set(machine.current.task, head)
  return 0
}

const get_robust_list = (machine: Machine, pid: number, head: Ref<number> | null, len: Ref<number> | null): number => {
  const task = pid === 0 ? machine.current.task : machine.tasks.findByVpid(pid)
  if (task === null) return -ESRCH
  if (!machine.ptrace.may_access(task, PTRACE_MODE_READ_REALCREDS)) return -EPERM
  if (head === null || len === null) return -EFAULT
  len.value = ROBUST_LIST_SIZE
  head.value = machine.part(RunnerState).robustLists.get(task) ?? 0
  return 0
}

const rseq = (machine: Machine, area: number, len: number, flags: number, _sig: number): number => {
  const known = machine.part(RunnerState).rseqAreas.get(machine.current.task)
  if ((flags & RSEQ_FLAG_UNREGISTER) !== 0) {
    if (flags !== RSEQ_FLAG_UNREGISTER || known === undefined || known !== area) return -EINVAL
    machine.part(RunnerState).rseqAreas.delete(machine.current.task)
    return 0
  }
  if (flags !== 0 || len < RSEQ_SIZE || area % RSEQ_SIZE !== 0) return -EINVAL
  if (known !== undefined) return -EBUSY
  machine.part(RunnerState).rseqAreas.set(machine.current.task, area)
  return 0
}

/** There is one processor, so every barrier holds already. */
const membarrier = (_machine: Machine, cmd: number, flags: number, _cpu: number): number => {
  const known = cmd === MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ ? MEMBARRIER_CMD_FLAG_CPU : 0
  if ((flags & ~known) !== 0) return -EINVAL
  if (cmd === MEMBARRIER_CMD_QUERY) return MEMBARRIER_COMMANDS
  return (cmd & MEMBARRIER_COMMANDS) === cmd && (cmd & (cmd - 1)) === 0 ? 0 : -EINVAL
}

/** The runner of a program makes a call again, so there is never a call to restart. */
const restart_syscall = (_machine: Machine): number => -EINTR

export const runnerSyscalls = { restart_syscall, arch_prctl, set_robust_list, get_robust_list, rseq, membarrier }
