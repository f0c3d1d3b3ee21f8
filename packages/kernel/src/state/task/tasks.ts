/** The tasks of a machine: by number, in order of birth, and as the current task sees their numbers. */
import type { Current, Task } from '@lsmkit/core'
import { PidTable } from './pid-table.ts'
import type { Pid, PidNamespace } from './pid.ts'
import { signalOf, threadOf } from './thread.ts'
import { UserCounts } from './user-counts.ts'

export class Tasks {
  /** Every thread by its number in the initial pid namespace. */
  readonly byPid = new PidTable<Task>()
  /** Leaders of living and unreaped processes, oldest first (`for_each_process`). */
  readonly processes = new Set<Task>()
  /** Threads by the real uid they run for: what RLIMIT_NPROC limits. */
  readonly ofUser = new UserCounts()
  /** Queued signals by the real uid of their receivers: what RLIMIT_SIGPENDING limits. */
  readonly queuedSignals = new UserCounts()
  readonly #current: Current

  constructor(current: Current) {
    this.#current = current
  }

  /** By number in the initial pid namespace. */
  find(pid: number): Task | null {
    return this.byPid.get(pid)
  }

  add(task: Task): void {
    this.byPid.set(task.pid, task)
    this.ofUser.add(task.real_cred.uid, 1)
    if (task.group_leader === task) this.processes.add(task)
  }

  remove(task: Task): void {
    if (this.byPid.get(task.pid) !== task) return
    this.byPid.delete(task.pid)
    this.processes.delete(task)
    this.ofUser.add(task.real_cred.uid, -1)
  }

  /** The task runs for another real uid from now on. */
  changeUser(task: Task, from: number, to: number): void {
    if (from === to || this.byPid.get(task.pid) !== task) return
    this.ofUser.add(from, -1)
    this.ofUser.add(to, 1)
  }

  /** The pid namespace the current task lives in. */
  get activeNs(): PidNamespace {
    return threadOf(this.#current.task).pid.ns
  }

  /** As `find_vpid`: the pid that the current task calls `nr`. */
  findVpid(nr: number): Pid | null {
    return this.activeNs.find(nr)
  }

  /** As `find_task_by_vpid`. */
  findByVpid(nr: number): Task | null {
    return this.activeNs.find(nr)?.task ?? null
  }

  /** As `task_pid_vnr`: how the current task calls `task`; 0 when it cannot see it. */
  pidNr(task: Task): number {
    return threadOf(task).pid.nr(this.activeNs)
  }

  /** As `task_tgid_vnr`. */
  tgidNr(task: Task): number {
    return task.group_leader === null ? 0 : this.pidNr(task.group_leader)
  }

  /** As `task_pid_nr_ns` with the namespace of `viewer`. */
  nrSeenBy(task: Task, viewer: Task): number {
    return threadOf(task).pid.nr(threadOf(viewer).pid.ns)
  }

  /** Threads of living processes. */
  *threads(): Generator<Task> {
    for (const leader of this.processes) yield* signalOf(leader).threads
  }

  isGlobalInit(task: Task): boolean {
    return task.tgid === 1
  }
}
