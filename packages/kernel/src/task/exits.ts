/** The end of tasks (kernel/exit.c): of one thread, of a process, of all in a pid namespace. */
import { EXIT_ZOMBIE, PF_DUMPCORE, PF_EXITING, PF_SIGNALED, SIGCHLD, SIGKILL, waitSignalled } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { bound } from '../state/bound.ts'
import type { Exits } from '../interfaces/tasks.ts'
import type { Machine } from '../machine.ts'
import { exit_notify } from './exit-notify.ts'
import { exit_files, exit_fs, exit_mm, put_files_struct, unshare_sighand } from './exit-resources.ts'
import { release_task, takeLeadership } from './release-task.ts'
import { __ptrace_detach, find_alive_thread } from './reparent.ts'
import { sameThreadGroup, signalOf, threadOf } from '../state/task/thread.ts'
import { do_notify_parent, isGroupGone } from './wait-parent.ts'

/** As `do_exit`: ends one thread with a wait status. */
const do_exit = (machine: Machine, task: Task, code: number): void => {
  const { sched_process_exit } = machine.tracing.points
  if (task.flags & PF_EXITING) return
  machine.as(task, () => {
    const signal = signalOf(task)
    for (const step of machine.onExiting) step(task)
    task.flags |= PF_EXITING
    task.exit_code = signal.group_exit ?? code
    const last = --signal.live === 0
    if (last) signal.stopped = 0
    for (const step of machine.onExit) step(task, last)
    if (threadOf(task).clear_child_tid !== null) threadOf(task).clear_child_tid!.value = 0
    exit_mm(machine, task)
    if (sched_process_exit.on) sched_process_exit.hit(task)
    exit_files(machine, task)
    exit_fs(machine, task)
    machine.namespaces.exit_task_namespaces(task)
    machine.cgroups.exit(task)
    const { ns } = threadOf(task).pid
    if (ns.child_reaper === task && last) zap_pid_ns_processes(machine, task)
    else if (ns.child_reaper === task) ns.child_reaper = find_alive_thread(signal)
    exit_notify(machine, task)
  })
}

/** As `do_group_exit`: every thread of the process. */
const do_group_exit = (machine: Machine, task: Task, code: number): void => {
  const signal = signalOf(task)
  signal.group_exit ??= code
  const status = signal.group_exit
  for (const other of [...signal.threads]) {
    // each thread ends by itself, so programs at `do_exit` run as it
    if (other !== task) machine.as(other, () => machine.exits.do_exit(other, status))
  }
  machine.exits.do_exit(task, status)
}

/** As `zap_pid_ns_processes`: all other tasks of a pid namespace end with its init. */
const zap_pid_ns_processes = (machine: Machine, init: Task): void => {
  const { ns } = threadOf(init).pid
  if (ns.parent === null) return
  ns.child_reaper = null
  // its children need not be waited for
  threadOf(init).sighand.action[SIGCHLD] = { handler: 'ignore', flags: 0, mask: 0n }
  for (const pid of [...ns.numbers.values()]) {
    if (pid.task !== null && !sameThreadGroup(pid.task, init)) machine.exits.do_group_exit(pid.task, SIGKILL)
  }
  for (const child of [...threadOf(init).children]) if (child.exit_state === EXIT_ZOMBIE) release_task(machine, child)
}

/** A signal ended the process. */
const dieOf = (machine: Machine, task: Task, sig: number, core: boolean): void => {
  task.flags |= core ? PF_SIGNALED | PF_DUMPCORE : PF_SIGNALED
  machine.exits.do_group_exit(task, waitSignalled(sig, core))
}

export const createExits = (machine: Machine): Exits => ({
  ...bound(machine, {
    exit_files, put_files_struct, exit_fs, exit_mm, do_exit, do_group_exit, release_task, detach: __ptrace_detach,
    notify: do_notify_parent, takeLeadership, dieOf,
  }),
  isGroupGone,
  unshareSighand: unshare_sighand,
})
