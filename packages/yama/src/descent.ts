/** Kinship of tasks. A process is known by the leader of its threads. */
import type { Task } from '@lsmkit/core'

/** A task that nobody has put into a group leads itself. */
export const leaderOf = (task: Task): Task => task.group_leader ?? task

/**
 * As `task_is_descendant`: whether the process of `child` is that of `ancestor` or has it above, by real parents: who
 * traces a process does not become its ancestor. The idle task, pid 0, has no descendants.
 */
export const isDescendant = (ancestor: Task, child: Task): boolean => {
  const wanted = leaderOf(ancestor)
  for (let at: Task | null = child; at !== null && at.pid > 0;) {
    const process = leaderOf(at)
    if (process === wanted) return true
    at = process.real_parent
  }
  return false
}

/** Whether `tracer` or a sister thread traces `tracee` already: then it can read it anyway. */
export const isTracing = (tracer: Task, tracee: Task): boolean =>
  tracee.ptrace !== 0 && tracee.parent !== null && leaderOf(tracee.parent) === leaderOf(tracer)
