/** The new parents of the children and tracees of a task that ends. */
import { EXIT_DEAD, EXIT_ZOMBIE, PF_EXITING, PT_EXITKILL, SIGCHLD, SIGKILL } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { hangUpOrphans } from './job-control.ts'
import type { Pid } from '../state/task/pid.ts'
import { release_task } from './release-task.ts'
import { sameThreadGroup, signalOf, threadOf } from '../state/task/thread.ts'
import type { Signal } from '../state/task/thread.ts'
import { do_notify_parent, isGroupGone } from './wait-parent.ts'

/** A thread of the process that has not begun to exit (find_alive_thread). */
export const find_alive_thread = ({ live, threads }: Signal): Task | null => {
  if (live > 0) for (const thread of threads) if ((thread.flags & PF_EXITING) === 0) return thread
  return null
}

/** As `find_new_reaper`: a sister thread, else the nearest subreaper, else the init of the pid namespace. */
const find_new_reaper = (father: Task): Task | null => {
  const sister = find_alive_thread(signalOf(father))
  if (sister !== null) return sister
  const { ns } = threadOf(father).pid
  if (signalOf(father).has_child_subreaper) {
    for (let at = father.real_parent; at !== null && threadOf(at).pid.ns === ns; at = at.real_parent) {
      const thread = signalOf(at).is_child_subreaper ? find_alive_thread(signalOf(at)) : null
      if (thread !== null) return thread
    }
  }
  return ns.child_reaper
}

/** As `forget_original_parent`. */
export const forget_original_parent = (machine: Machine, father: Task): void => {
  const mine = threadOf(father)
  for (const tracee of [...mine.ptraced]) {
    if (tracee.ptrace & PT_EXITKILL) machine.signals.send_kernel(SIGKILL, tracee)
    abandon(machine, tracee)
  }
  if (mine.children.size === 0) return
  const reaper = find_new_reaper(father)
  // for each process group the last child that leaves it: only then no other child can connect it with its session
  const left = new Map<Pid, Task>()
  for (const child of [...mine.children]) {
    mine.children.delete(child)
    if (reaper !== null) threadOf(reaper).children.add(child)
    for (const thread of new Set([child, ...signalOf(child).threads])) {
      adopt(thread, reaper)
      const sig = thread.pdeath_signal
      if (sig !== 0) machine.signals.group_send(sig, machine.signals.userSiginfo(sig), thread, 'process')
    }
    if (reaper !== null && sameThreadGroup(reaper, father)) continue
    if (child.exit_state !== EXIT_DEAD) left.set(signalOf(child).pgrp, child)
    reparent_leader(machine, child)
  }
  for (const child of left.values()) hangUpOrphans(machine, child, father, null)
}

const adopt = (task: Task, reaper: Task | null): void => {
  task.real_parent = reaper
  if (task.ptrace === 0) task.parent = reaper
}

const reparent_leader = (machine: Machine, child: Task): void => {
  if (child.exit_state === EXIT_DEAD) return
  threadOf(child).exit_signal = SIGCHLD
  if (child.ptrace !== 0 || child.exit_state !== EXIT_ZOMBIE) return
  if (isGroupGone(child) && do_notify_parent(machine, child)) {
    child.exit_state = EXIT_DEAD
    release_task(machine, child)
  }
}

/** A tracer that ends lets its tracees go; a signal that it had not heard of yet is theirs. */
const abandon = (machine: Machine, tracee: Task): void => {
  const unheard = threadOf(tracee).stop_status
  __ptrace_detach(machine, tracee)
  if (tracee.exit_state === 0) machine.delivery.resume(tracee, unheard & 0x7f)
}

/** As `__ptrace_detach`: a zombie that only its tracer could see goes back to its parent, or away. */
export const __ptrace_detach = (machine: Machine, tracee: Task): void => {
  machine.ptrace.unlink(tracee)
  if (tracee.exit_state !== EXIT_ZOMBIE) return
  if (tracee.group_leader === tracee && isGroupGone(tracee) && !do_notify_parent(machine, tracee)) return
  if (tracee.group_leader === tracee && !isGroupGone(tracee)) return
  tracee.exit_state = EXIT_DEAD
  release_task(machine, tracee)
}
