/** Calls that make processes, execute programs and end processes. */
import {
  AT_FDCWD, CLONE_CLEAR_SIGHAND, CLONE_ARGS_SIZE_VER0, CLONE_ARGS_SIZE_VER2, CLONE_DETACHED, CLONE_INTO_CGROUP,
  CLONE_NEWTIME, CLONE_PARENT, CLONE_SIGHAND, CLONE_THREAD, CLONE_VFORK, CLONE_VM, CSIGNAL, E2BIG, EFAULT, EINVAL,
  ENOSYS, PAGE_SIZE, SIGCHLD, waitExited,
} from '@lsmkit/abi'
import type { Ref } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { validSignal } from '../state/task/sigset.ts'
import { threadOf } from '../state/task/thread.ts'

/** `struct clone_args` of clone3(2). */
export interface Clone3Args {
  flags: number
  pidfd?: Ref<number> | null
  child_tid?: Ref<number> | null
  parent_tid?: Ref<number> | null
  exit_signal?: number
  stack?: number
  stack_size?: number
  tls?: number
  set_tid?: readonly number[]
  cgroup?: number
}

const LEGACY_FLAGS = 0xffffffff
const INT_MAX = 0x7fffffff

const clone = (
  machine: Machine, flags: number, _stack: number, parent_tid: Ref<number> | null, child_tid: Ref<number> | null,
  _tls: number,
): number =>
  machine.forks.kernel_clone({
    flags: flags & ~CSIGNAL, exit_signal: flags & CSIGNAL, pidfd: parent_tid, parent_tid, child_tid,
  })

const clone3 = (machine: Machine, args: Clone3Args | null, size: number): number => {
  if (size > PAGE_SIZE) return -E2BIG
  if (size < CLONE_ARGS_SIZE_VER0) return -EINVAL
  if (args === null) return -EFAULT
  const { flags, exit_signal = 0, cgroup = 0 } = args
  const isInto = Math.floor(flags / CLONE_INTO_CGROUP) % 2 === 1
  const low = flags % 2 ** 32
  if (flags > LEGACY_FLAGS + CLONE_CLEAR_SIGHAND + CLONE_INTO_CGROUP || flags < 0 || !validSignal(exit_signal))
    return -EINVAL
  if (low & (CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME))) return -EINVAL
  if (low & CLONE_SIGHAND && Math.floor(flags / CLONE_CLEAR_SIGHAND) % 2 === 1) return -EINVAL
  if (low & (CLONE_THREAD | CLONE_PARENT) && exit_signal !== 0) return -EINVAL
  if (isInto && (cgroup < 0 || cgroup > INT_MAX || size < CLONE_ARGS_SIZE_VER2)) return -EINVAL
  if ((args.stack ?? 0) === 0 ? (args.stack_size ?? 0) !== 0 : (args.stack_size ?? 0) === 0) return -EINVAL
  const set_tid = args.set_tid === undefined ? {} : { set_tid: [...args.set_tid] }
  return machine.forks.kernel_clone({ ...args, ...set_tid, exit_signal, cgroup: isInto ? cgroup : null })
}

const execve = (
  machine: Machine, name: string, argv: readonly string[] | null, envp: readonly string[] | null,
): number => machine.exec.do_execveat(AT_FDCWD, name, argv, envp, 0)

const execveat = (
  machine: Machine, dfd: number, name: string, argv: readonly string[] | null, envp: readonly string[] | null,
  flags: number,
): number => machine.exec.do_execveat(dfd, name, argv, envp, flags)

const exit = (machine: Machine, code: number): number => {
  machine.exits.do_exit(machine.current.task, waitExited(code))
  return 0
}

const exit_group = (machine: Machine, code: number): number => {
  machine.exits.do_group_exit(machine.current.task, waitExited(code))
  return 0
}

const fork = (machine: Machine): number => machine.forks.kernel_clone({ flags: 0, exit_signal: SIGCHLD })

const vfork = (
  machine: Machine,
): number => machine.forks.kernel_clone({ flags: CLONE_VFORK | CLONE_VM, exit_signal: SIGCHLD })

const set_tid_address = (machine: Machine, tidptr: Ref<number> | null): number => {
  threadOf(machine.current.task).clear_child_tid = tidptr
  return machine.tasks.pidNr(machine.current.task)
}

/** The kernel is not configured with it (CONFIG_USELIB). */
const uselib = (_machine: Machine, _library: unknown): number => -ENOSYS

export const processSyscalls = {
  clone, clone3, execve, execveat, exit, exit_group, fork, vfork, set_tid_address, uselib,
}
