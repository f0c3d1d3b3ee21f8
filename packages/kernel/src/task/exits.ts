/**
 * The end of tasks (kernel/exit.c): what is given back, who inherits the children, who is told, when a task is
 * gone.
 */
import {
  EXIT_DEAD, EXIT_ZOMBIE, PF_DUMPCORE, PF_EXITING, PF_SIGNALED, PT_EXITKILL, SIGCHLD, SIGKILL, waitSignalled,
} from '@lsmkit/abi'
import type { KeyMap, Task } from '@lsmkit/core'
import type { Exits } from '../interfaces/tasks.ts'
import type { Machine } from '../machine.ts'
import { fdTable } from '../vfs/fdtable.ts'
import type { FdTable } from '../vfs/fdtable.ts'
import { hangUpOrphans } from './job-control.ts'
import type { Pid } from './pid.ts'
import { leaderOf, sameThreadGroup, Sighand, signalOf, threadOf } from './thread.ts'
import type { Signal } from './thread.ts'

export const createExits = (lsm: KeyMap, machine: Machine): Exits => {
  const { sched_process_exit } = machine.tracing.points
  const { creds, tasks } = machine

  const exit_files = (task: Task): void => {
    if (task.files === null) return
    const table = fdTable(task)
    task.files = null
    put_files_struct(table)
  }
  const put_files_struct = (table: FdTable): void => {
    if (--table.count !== 0) return
    for (const fd of [...table.open()]) machine.vfs.filp_close(table.take(fd)!, table)
    table.release()
  }

  const exit_fs = (task: Task): void => {
    const { fs } = task
    if (fs === null) return
    task.fs = null
    if (--fs.users !== 0) return
    machine.vfs.path_put(fs.root)
    machine.vfs.path_put(fs.pwd)
  }

  const exit_mm = (task: Task): void => {
    const { mm } = task
    if (mm === null) return
    task.mm = null
    machine.mms.mmput(mm)
  }

  /** A thread of the process that has not begun to exit (find_alive_thread). */
  const aliveOf = ({ live, threads }: Signal): Task | null => {
    if (live > 0) for (const thread of threads) if ((thread.flags & PF_EXITING) === 0) return thread
    return null
  }

  /** As `do_exit`: ends one thread with a wait status. */
  const do_exit = (task: Task, code: number): void => {
    if (task.flags & PF_EXITING) return
    machine.as(task, () => {
      const signal = signalOf(task)
      task.flags |= PF_EXITING
      task.exit_code = signal.group_exit ?? code
      const last = --signal.live === 0
      if (last) signal.stopped = 0
      for (const step of machine.onExit) step(task, last)
      if (threadOf(task).clear_child_tid !== null) threadOf(task).clear_child_tid!.value = 0
      exit_mm(task)
      if (sched_process_exit.on) sched_process_exit.hit(task)
      exit_files(task)
      exit_fs(task)
      machine.namespaces.exit_task_namespaces(task)
      machine.cgroups.exit(task)
      const { ns } = threadOf(task).pid
      if (ns.child_reaper === task && last) zapPidNamespace(task)
      else if (ns.child_reaper === task) ns.child_reaper = aliveOf(signal)
      exit_notify(task)
    })
  }

  /** As `do_group_exit`: every thread of the process. */
  const do_group_exit = (task: Task, code: number): void => {
    const signal = signalOf(task)
    signal.group_exit ??= code
    for (const other of [...signal.threads]) if (other !== task) do_exit(other, signal.group_exit)
    do_exit(task, signal.group_exit)
  }

  /** As `zap_pid_ns_processes`: nobody survives the init of a pid namespace. */
  const zapPidNamespace = (init: Task): void => {
    const { ns } = threadOf(init).pid
    if (ns.parent === null) return
    ns.child_reaper = null
    // its children need not be waited for
    threadOf(init).sighand.action[SIGCHLD] = { handler: 'ignore', flags: 0, mask: 0n }
    for (const pid of [...ns.numbers.values()]) {
      if (pid.task !== null && !sameThreadGroup(pid.task, init)) do_group_exit(pid.task, SIGKILL)
    }
    for (const child of [...threadOf(init).children]) if (child.exit_state === EXIT_ZOMBIE) release_task(child)
  }

  /** As `find_new_reaper`: a sister thread, else the nearest subreaper, else the init of the pid namespace. */
  const findReaper = (father: Task): Task | null => {
    const sister = aliveOf(signalOf(father))
    if (sister !== null) return sister
    const { ns } = threadOf(father).pid
    if (signalOf(father).has_child_subreaper) {
      for (let at = father.real_parent; at !== null && threadOf(at).pid.ns === ns; at = at.real_parent) {
        const thread = signalOf(at).is_child_subreaper ? aliveOf(signalOf(at)) : null
        if (thread !== null) return thread
      }
    }
    return ns.child_reaper
  }

  /** As `forget_original_parent`. */
  const reparent = (father: Task): void => {
    const mine = threadOf(father)
    for (const tracee of [...mine.ptraced]) {
      if (tracee.ptrace & PT_EXITKILL) machine.signals.send_kernel(SIGKILL, tracee)
      abandon(tracee)
    }
    if (mine.children.size === 0) return
    const reaper = findReaper(father)
    // of each process group the last child that leaves it: only then can nobody else connect it with its session
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
      reparentLeader(child)
    }
    for (const child of left.values()) hangUpOrphans(machine, child, father, null)
  }

  const adopt = (task: Task, reaper: Task | null): void => {
    task.real_parent = reaper
    if (task.ptrace === 0) task.parent = reaper
  }

  const reparentLeader = (child: Task): void => {
    if (child.exit_state === EXIT_DEAD) return
    threadOf(child).exit_signal = SIGCHLD
    if (child.ptrace === 0 && child.exit_state === EXIT_ZOMBIE && isGroupGone(child) && notify(child)) {
      child.exit_state = EXIT_DEAD
      release_task(child)
    }
  }

  /** Only the leader is left, or nobody (`thread_group_empty`). */
  const isGroupGone = (leader: Task): boolean => {
    const { threads } = signalOf(leader)
    return threads.size === 0 || (threads.size === 1 && threads.has(leader))
  }

  /**
   * As `do_notify_parent`: whether the child needs no wait. A strange exit signal does not outlive the parent's
   * exec.
   */
  const notify = (task: Task): boolean => {
    const { exit_signal, parent_exec_id } = threadOf(task)
    const stale = task.parent !== null && parent_exec_id !== threadOf(task.parent).self_exec_id
    return machine.signals.notifyParent(task, stale ? SIGCHLD : exit_signal)
  }

  const exit_notify = (task: Task): void => {
    reparent(task)
    if (signalOf(task).live === 0)
      hangUpOrphans(machine, leaderOf(task), leaderOf(task).real_parent, leaderOf(task))
    task.exit_state = EXIT_ZOMBIE
    const { pid } = threadOf(task)
    const leader = task.group_leader === task
    if (!leader || isGroupGone(task)) for (const tell of pid.onExit) tell()
    let autoreap: boolean
    if (task.ptrace !== 0) {
      const own = leader && isGroupGone(task) && task.parent === task.real_parent
      autoreap = own ? notify(task) : machine.signals.notifyParent(task, SIGCHLD)
    } else autoreap = leader ? isGroupGone(task) && notify(task) : true
    if (autoreap) {
      task.exit_state = EXIT_DEAD
      release_task(task)
    }
  }

  /** A tracer that ends lets its tracees go; a signal that it had not heard of yet is theirs. */
  const abandon = (tracee: Task): void => {
    const unheard = threadOf(tracee).stop_status
    detach(tracee)
    if (tracee.exit_state === 0) machine.delivery.resume(tracee, unheard & 0x7f)
  }

  /** As `__ptrace_detach`: a zombie that only its tracer could see goes back to its parent, or away. */
  const detach = (tracee: Task): void => {
    machine.ptrace.unlink(tracee)
    if (tracee.exit_state !== EXIT_ZOMBIE) return
    if (tracee.group_leader === tracee && isGroupGone(tracee) && !notify(tracee)) return
    if (tracee.group_leader === tracee && !isGroupGone(tracee)) return
    tracee.exit_state = EXIT_DEAD
    release_task(tracee)
  }

  /** As `proc_flush_pid`: what procfs has cached of a task goes with it. */
  const proc_flush_pid = ({ procInodes }: Pid): void => {
    for (const inode of procInodes ?? []) machine.vfs.d_invalidate_alias(inode)
  }

  /** As `release_task`: the last traces of a task; its LSM state goes when nobody can be looking at it any more. */
  const release_task = (task: Task): void => {
    machine.cgroups.release(task)
    if (task.ptrace !== 0) machine.ptrace.unlink(task)
    const signal = signalOf(task)
    const thread = threadOf(task)
    const leader = leaderOf(task)
    signal.threads.delete(task)
    thread.pending.clear()
    if (signal.threads.size === 0) signal.shared_pending.clear()
    tasks.remove(task)
    if (leader === task) {
      signal.pgrp.group.delete(task)
      signal.session.session.delete(task)
      signal.pgrp.put()
      signal.session.put()
      if (task.real_parent !== null) threadOf(task.real_parent).children.delete(task)
    }
    thread.sighand.count--
    thread.pid.task = null
    thread.pid.put()
    proc_flush_pid(thread.pid)
    machine.callRcu(() => {
      lsm.task_free.tell(task)
      creds.put_cred_now(task.cred)
      creds.put_cred_now(task.real_cred)
      thread.image?.memory.put()
      thread.release()
      if (leader === task) signal.release()
    })
    if (leader !== task && leader.exit_state === EXIT_ZOMBIE && isGroupGone(leader) && notify(leader)) {
      leader.exit_state = EXIT_DEAD
      release_task(leader)
    }
  }

  /**
   * The second half of `de_thread`: `me` takes the pid, the place and the parent of its leader, which has exited and
   * goes away under the pid that `me` had.
   */
  const takeLeadership = (me: Task): void => {
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
    release_task(leader)
  }

  /** As `unshare_sighand`. */
  const unshareSighand = (sighand: Sighand): Sighand => {
    if (sighand.count === 1) return sighand
    sighand.count--
    const own = new Sighand()
    sighand.action.forEach((action, sig) => (own.action[sig] = action === null ? null : { ...action }))
    return own
  }

  /** A signal ended the process. */
  const dieOf = (task: Task, sig: number, core: boolean): void => {
    task.flags |= core ? PF_SIGNALED | PF_DUMPCORE : PF_SIGNALED
    do_group_exit(task, waitSignalled(sig, core))
  }

  return {
    exit_files, put_files_struct, exit_fs, exit_mm, do_exit, do_group_exit, release_task, detach, isGroupGone, notify,
    takeLeadership, unshareSighand, dieOf,
  }
}
