/** Waiting for children and tracees (kernel/exit.c): `do_wait` finds an event and takes it. */
import {
  CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, CLD_TRAPPED, ECHILD, EXIT_DEAD, EXIT_ZOMBIE, SIGCHLD,
  WAIT_CONTINUED, waitStopped, WCONTINUED, WEXITED, WNOWAIT, WUNTRACED, __WALL, __WCLONE, __WNOTHREAD,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { Pid } from '../state/task/pid.ts'
import { leaderOf, signalOf, threadOf } from '../state/task/thread.ts'

interface Wanted {
  readonly matches: (task: Task) => boolean
  /** The process or group that is waited for; null for any. */
  readonly pid: Pid | null
  readonly flags: number
}

export interface Found {
  readonly task: Task
  readonly pid: number
  readonly status: number
  readonly code: number
}

/** As `eligible_child`: clone children (any exit signal but SIGCHLD) are waited for only when asked. */
const eligible_child = ({ matches, flags }: Wanted, task: Task, traced: boolean): boolean => {
  if (!matches(task)) return false
  if (traced || flags & __WALL) return true
  return (threadOf(task).exit_signal !== SIGCHLD) === ((flags & __WCLONE) !== 0)
}

const found = ({ tasks }: Machine, task: Task, status: number, code: number): Found =>
  ({ task, pid: tasks.pidNr(task), status, code })

const isByTracer = (task: Task, traced: boolean): boolean =>
  traced || (task.ptrace !== 0 && task.parent === task.real_parent)

/** As `wait_consider_task`: an event of one child or tracee, taken unless WNOWAIT is set; null if it has no event. */
const wait_consider_task = (machine: Machine, wanted: Wanted, task: Task, traced: boolean): Found | null => {
  const { flags } = wanted
  const keep = (flags & WNOWAIT) !== 0
  const thread = threadOf(task)
  const signal = signalOf(task)
  const byTracer = isByTracer(task, traced)
  if (task.exit_state === EXIT_ZOMBIE && (task !== leaderOf(task) || machine.exits.isGroupGone(task))) {
    return flags & WEXITED && (byTracer || task.ptrace === 0) ? wait_task_zombie(machine, task, keep) : null
  }
  if (byTracer && thread.state === 'traced' && !thread.listening && thread.stop_status !== 0) {
    const status = thread.stop_status
    if (!keep) thread.stop_status = 0
    return found(machine, task, waitStopped(status & 0xff, status >> 8), CLD_TRAPPED)
  }
  if (!byTracer && flags & WUNTRACED && signal.stopped !== 0 && signal.notify === 'stopped') {
    if (!keep) signal.notify = null
    return found(machine, task, waitStopped(signal.stopped), CLD_STOPPED)
  }
  if (flags & WCONTINUED && signal.notify === 'continued') {
    if (!keep) signal.notify = null
    return found(machine, task, WAIT_CONTINUED, CLD_CONTINUED)
  }
  return null
}

/** Whether a child or tracee without an event may yet have one (`notask_error`): what ended can only be reaped. */
const mayHaveMore = (machine: Machine, { flags }: Wanted, task: Task, traced: boolean): boolean => {
  if (task.exit_state !== EXIT_ZOMBIE) return true
  const byTracer = isByTracer(task, traced)
  const reapable = task !== leaderOf(task) || machine.exits.isGroupGone(task)
  if (reapable && (byTracer || task.ptrace === 0)) return false
  return !byTracer || (flags & (WCONTINUED | WEXITED)) !== 0
}

/** As `wait_task_zombie`. A tracer that is not the parent hands the zombie on. */
const wait_task_zombie = (machine: Machine, task: Task, keep: boolean): Found => {
  const signal = signalOf(task)
  const status = signal.group_exit ?? task.exit_code
  const code = (status & 0x7f) === 0 ? CLD_EXITED : status & 0x80 ? CLD_DUMPED : CLD_KILLED
  const event = found(machine, task, status, code)
  if (keep) return event
  if (task.ptrace !== 0 && task.parent !== task.real_parent && task === leaderOf(task)) {
    machine.ptrace.unlink(task)
    if (!machine.exits.notify(task)) return event
  }
  const own = signalOf(machine.current.task)
  own.cutime += signal.cutime
  own.cstime += signal.cstime
  task.exit_state = EXIT_DEAD
  machine.exits.release_task(task)
  return event
}

/** The children and tracees of the process; with __WNOTHREAD, those of the thread. */
const candidates = function* (machine: Machine, flags: number): Generator<readonly [Task, boolean]> {
  const waiters = flags & __WNOTHREAD ? [machine.current.task] : [...signalOf(machine.current.task).threads]
  for (const waiter of waiters) {
    const { children, ptraced } = threadOf(waiter)
    for (const child of [...children]) yield [child, false]
    for (const tracee of [...ptraced].reverse()) yield [tracee, true]
  }
}

/** As `do_wait`: an event; null when there may be one later; -ECHILD when there cannot. */
export const do_wait = (machine: Machine, wanted: Wanted): Found | null | number => {
  const { sched_process_wait } = machine.tracing.points
  if (sched_process_wait.on) sched_process_wait.hit(wanted.pid)
  let any = false
  for (const [task, traced] of candidates(machine, wanted.flags)) {
    if (task.exit_state === EXIT_DEAD || !eligible_child(wanted, task, traced)) continue
    const event = wait_consider_task(machine, wanted, task, traced)
    if (event !== null) return event
    any ||= mayHaveMore(machine, wanted, task, traced)
  }
  return any ? null : -ECHILD
}
