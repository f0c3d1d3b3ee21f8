/** Releases what is left of a task, and of a leader whose place another thread has taken. */
import { EXIT_DEAD, EXIT_ZOMBIE } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { Pid } from '../state/task/pid.ts'
import { leaderOf, signalOf, threadOf } from '../state/task/thread.ts'
import { do_notify_parent, isGroupGone, wakePidfds } from './wait-parent.ts'

/** As `proc_flush_pid`: what procfs has cached of a task goes with it. */
const proc_flush_pid = (machine: Machine, { procInodes }: Pid): void => {
  for (const inode of procInodes ?? []) machine.vfs.d_invalidate_alias(inode)
}

/**
 * As `release_task`: releases what is left of a task. Its LSM state is freed after the call, when no other call can
 * read it.
 */
export const release_task = (machine: Machine, task: Task): void => {
  machine.cgroups.release(task)
  if (task.ptrace !== 0) machine.ptrace.unlink(task)
  const signal = signalOf(task)
  const thread = threadOf(task)
  const { sched_process_free } = machine.tracing.points
  const leader = leaderOf(task)
  signal.threads.delete(task)
  thread.pending.clear()
  if (signal.threads.size === 0) signal.shared_pending.clear()
  machine.tasks.remove(task)
  if (leader === task) {
    signal.pgrp.group.delete(task)
    signal.session.session.delete(task)
    signal.pgrp.put()
    signal.session.put()
    if (task.real_parent !== null) threadOf(task.real_parent).children.delete(task)
  }
  thread.sighand.count--
  thread.pid.task = null
  thread.pid.wait_pidfd?.wake()
  thread.pid.put()
  proc_flush_pid(machine, thread.pid)
  machine.callRcu(() => {
    if (sched_process_free.on) sched_process_free.hit(task)
    machine.lsm.task_free.tell(task)
    machine.creds.put_cred_now(task.cred)
    machine.creds.put_cred_now(task.real_cred)
    thread.image?.memory.put()
    thread.release()
    if (leader === task) signal.release()
  })
  if (leader === task || leader.exit_state !== EXIT_ZOMBIE) return
  if (!isGroupGone(leader)) return
  wakePidfds(leader)
  if (do_notify_parent(machine, leader)) {
    leader.exit_state = EXIT_DEAD
    release_task(machine, leader)
  }
}

/**
 * The second half of `de_thread`: `me` takes the pid, the place and the parent of its leader, which has exited and
 * goes away under the pid that `me` had.
 */
export const takeLeadership = (machine: Machine, me: Task): void => {
  const { tasks } = machine
  const leader = leaderOf(me)
  const [mine, its] = [threadOf(me), threadOf(leader)]
  tasks.remove(leader)
  tasks.remove(me)
  ;[mine.pid, its.pid] = [its.pid, mine.pid]
  ;[me.pid, leader.pid] = [leader.pid, me.pid]
  mine.pid.task = me
  its.pid.task = leader
  me.group_leader = leader.group_leader = me
  its.exit_signal = -1
  const signal = signalOf(me)
  for (const set of [signal.pgrp.group, signal.session.session]) if (set.delete(leader)) set.add(me)
  if (me.real_parent !== null) {
    const { children } = threadOf(me.real_parent)
    children.delete(leader)
    children.add(me)
  }
  tasks.add(me)
  leader.exit_state = EXIT_DEAD
  release_task(machine, leader)
}
