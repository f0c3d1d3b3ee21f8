/** Making tasks (kernel/fork.c): clone with its flags, each share or copy in the kernel's order, undone in reverse. */
import {
  CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN, CAP_SYS_RESOURCE, CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID,
  CLONE_CLEAR_SIGHAND, CLONE_DETACHED, CLONE_FILES, CLONE_FS, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, CLONE_PARENT,
  CLONE_PARENT_SETTID, CLONE_PIDFD, CLONE_PTRACE, CLONE_SIGHAND, CLONE_THREAD, CLONE_UNTRACED, CLONE_VFORK, CLONE_VM,
  DEFAULT_PRIO, EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM, ERESTARTNOINTR, PF_FORKNOEXEC, PF_KTHREAD, PF_SUPERPRIV,
  PF_NPROC_EXCEEDED, PIDFD_THREAD, PTRACE_EVENT_CLONE, PTRACE_EVENT_FORK, PTRACE_EVENT_VFORK, RLIMIT_NPROC,
  SCHED_DEADLINE, SCHED_FIFO, SCHED_NORMAL, SCHED_RR, SIGCHLD,
} from '@lsmkit/abi'
import { capable, ns_capable } from '@lsmkit/core'
import type { Cred, KeyMap, Task, UserNamespace } from '@lsmkit/core'
import type { Cgroup } from '../cgroup/cgroup.ts'
import type { CloneArgs, Forks } from '../interfaces/tasks.ts'
import { COST } from '../memory-costs.ts'
import type { Machine } from '../machine.ts'
import { spaceOf } from '../mm/address-space.ts'
import { fdTable } from '../vfs/fdtable.ts'
import type { Pid } from './pid.ts'
import { MAX_THREADS, rlimit } from './rlimits.ts'
import { Sighand, Signal, signalOf, Thread, threadOf } from './thread.ts'

const has = (flags: number, flag: number): boolean => (flags & flag) !== 0

export const createForks = (lsm: KeyMap, machine: Machine): Forks => {
  const { current, creds, objects, tasks, tracing: { points: { sched_process_fork, task_newtask } } } = machine

  /** Combinations that make no sense, in the kernel's order (`copy_process`). */
  const checkFlags = (flags: number): number => {
    const both = (a: number, b: number) => has(flags, a) && has(flags, b)
    if (both(CLONE_NEWNS, CLONE_FS) || both(CLONE_NEWUSER, CLONE_FS)) return -EINVAL
    if (has(flags, CLONE_NEWUSER) && !machine.sysctl.unprivileged_userns_clone && !capable(lsm, current, CAP_SYS_ADMIN))
      return -EPERM
    if (has(flags, CLONE_THREAD) && !has(flags, CLONE_SIGHAND)) return -EINVAL
    if (has(flags, CLONE_SIGHAND) && !has(flags, CLONE_VM)) return -EINVAL
    const me = current.task
    if (has(flags, CLONE_PARENT) && signalOf(me).unkillable) return -EINVAL
    const { pid, nsproxy } = threadOf(me)
    if (
      has(flags, CLONE_THREAD) &&
      (has(flags, CLONE_NEWUSER | CLONE_NEWPID) || nsproxy.pid_ns_for_children !== pid.ns)
    )
      return -EINVAL
    if (both(CLONE_PIDFD, CLONE_DETACHED)) return -EINVAL
    return 0
  }

  /** As `copy_creds`: a thread without keyring of its own shares, everybody else gets a copy. */
  const copyCreds = (flags: number): Cred | number => {
    const own = current.task.cred
    if (has(flags, CLONE_THREAD) && own.thread_keyring === null) {
      own.usage += 2
      return own
    }
    const next = creds.prepare_creds()
    if (next === null) return -ENOMEM
    if (has(flags, CLONE_NEWUSER)) {
      const rc = machine.userNs.create_user_ns(next)
      if (rc < 0) {
        creds.put_cred(next)
        return rc
      }
    }
    if (next.thread_keyring !== null) {
      creds.dropKeyring(next, 'thread_keyring')
      if (has(flags, CLONE_THREAD)) machine.keys.install_to_cred(next, 'thread_keyring')
    }
    if (!has(flags, CLONE_THREAD)) creds.dropKeyring(next, 'process_keyring')
    next.usage++
    return next
  }

  const dropCreds = (cred: Cred): void => {
    creds.put_cred(cred)
    creds.put_cred(cred)
  }

  /** The parts of `struct task_struct` that dup_task_struct and sched_fork carry over. */
  const duplicate = (me: Task, cred: Cred): Task => {
    const task = objects.task(0, 0, cred, cred)
    task.comm = me.comm
    task.flags = (me.flags & ~(PF_KTHREAD | PF_SUPERPRIV)) | PF_FORKNOEXEC
    task.personality = me.personality
    task.atomic_flags = me.atomic_flags
    task.static_prio = me.static_prio
    task.policy = me.policy
    task.rt_priority = me.rt_priority
    task.ioprio = me.ioprio
    task.loginuid = me.loginuid
    task.sessionid = me.sessionid
    if (threadOf(me).sched_reset_on_fork) {
      if (task.policy === SCHED_FIFO || task.policy === SCHED_RR || task.policy === SCHED_DEADLINE) {
        task.policy = SCHED_NORMAL
        task.rt_priority = 0
        task.static_prio = DEFAULT_PRIO
      } else if (task.static_prio < DEFAULT_PRIO) task.static_prio = DEFAULT_PRIO
    }
    return task
  }

  const copySighand = (flags: number, from: Sighand): Sighand => {
    if (has(flags, CLONE_SIGHAND)) {
      from.count++
      return from
    }
    const own = new Sighand()
    from.action.forEach((action, sig) => {
      if (action === null) return
      const handler =
        Math.floor(flags / CLONE_CLEAR_SIGHAND) % 2 === 1 && action.handler !== 'ignore' ? 'default' : action.handler
      own.action[sig] = { ...action, handler }
    })
    return own
  }

  const copySignal = (flags: number, me: Task): Signal => {
    const from = signalOf(me)
    if (has(flags, CLONE_THREAD)) return from
    const signal = new Signal(machine.account, COST.process, from.pgrp, from.session, from.rlim)
    signal.oom_score_adj = from.oom_score_adj
    signal.oom_score_adj_min = from.oom_score_adj_min
    signal.tty = from.tty
    return signal
  }

  const copyMm = (flags: number, me: Task): Task['mm'] | number => {
    if (me.mm === null) return null
    if (!has(flags, CLONE_VM)) return machine.mms.dup_mm(me.mm)
    me.mm.users++
    return me.mm
  }

  /** As `copy_process`: a task that is complete but for its runner, or -errno with everything undone. */
  const copy_process = (args: CloneArgs, trace: boolean): Task | number => {
    const { flags } = args
    const me = current.task
    let rc = checkFlags(flags)
    if (rc !== 0) return rc
    if (machine.signals.signal_pending(me)) return -ERESTARTNOINTR
    const cred = copyCreds(flags)
    if (typeof cred === 'number') return cred
    if (overProcessLimit(cred)) {
      dropCreds(cred)
      return -EAGAIN
    }
    me.flags &= ~PF_NPROC_EXCEEDED
    const own = COST.thread + threadOf(me).filterBytes
    const bytes = has(flags, CLONE_THREAD) ? own : own + COST.process
    const { account } = machine
    if (!account.charge(bytes)) {
      dropCreds(cred)
      return -ENOMEM
    }
    const fail = (error: number): number => {
      account.uncharge(bytes)
      dropCreds(cred)
      return error
    }
    const task = duplicate(me, cred)
    // a share of the processor's time cannot be had twice
    if (task.policy === SCHED_DEADLINE) return fail(-EAGAIN)
    rc = lsm.task_alloc.ask(task, flags)
    if (rc !== 0) return fail(rc)
    rc = shareResources(task, me, args, own)
    if (rc !== 0) {
      lsm.task_free.tell(task)
      return fail(rc)
    }
    enlist(task, me, args, trace)
    if (task_newtask.on) task_newtask.hit(task, flags)
    return task
  }

  /** RLIMIT_NPROC does not bind root, nor who may override it; the new task counts. */
  const overProcessLimit = (cred: Cred): boolean => {
    if (tasks.byPid.size >= MAX_THREADS) return true
    const limit = rlimit(current.task, RLIMIT_NPROC)
    if (cred.uid === 0 || limit === Infinity || tasks.ofUser.of(cred.uid) + 1 <= limit) return false
    return !capable(lsm, current, CAP_SYS_RESOURCE) && !capable(lsm, current, CAP_SYS_ADMIN)
  }

  /** As `checkpoint_restore_ns_capable`. */
  const mayPickPid = (ns: UserNamespace): boolean =>
    ns_capable(lsm, current, ns, CAP_CHECKPOINT_RESTORE) || ns_capable(lsm, current, ns, CAP_SYS_ADMIN)

  /** Files, directories, signals, memory, namespaces and the pid, each undone when a later one fails. */
  const shareResources = (task: Task, me: Task, args: CloneArgs, bytes: number): number => {
    const { flags } = args
    const mine = threadOf(me)
    const undo: (() => void)[] = []
    const fail = (rc: number): number => {
      for (const step of undo.reverse()) step()
      return rc
    }
    task.files = has(flags, CLONE_FILES) ? shareFiles(me) : fdTable(me).copy(machine.account)
    if (task.files === null) return -ENOMEM
    undo.push(() => machine.exits.exit_files(task))
    task.fs = has(flags, CLONE_FS) ? shareFs(me) : machine.vfs.copy_fs_struct(me.fs!)
    undo.push(() => machine.exits.exit_fs(task))
    const sighand = copySighand(flags, mine.sighand)
    undo.push(() => void sighand.count--)
    task.signal = copySignal(flags, me)
    const mm = copyMm(flags, me)
    if (typeof mm === 'number') return fail(mm)
    task.mm = mm
    undo.push(() => machine.exits.exit_mm(task))
    const nsproxy = machine.namespaces.copy_namespaces(flags, task, mine.nsproxy)
    if (typeof nsproxy === 'number') return fail(nsproxy)
    undo.push(() => machine.namespaces.dropUnused(nsproxy))
    const pid = nsproxy.pid_ns_for_children.alloc(machine.sysctl.pid_max, args.set_tid ?? [], mayPickPid)
    if (typeof pid === 'number') return fail(pid)
    undo.push(() => pid.put())
    if (has(flags, CLONE_PIDFD)) {
      const fd = machine.pidfds.create(pid, has(flags, CLONE_THREAD) ? PIDFD_THREAD : 0)
      if (fd < 0) return fail(fd)
      undo.push(() => machine.vfs.filp_close(fdTable(me).take(fd)!, null))
      if (!args.pidfd) return fail(-EFAULT)
      args.pidfd.value = fd
    }
    const cgroup = machine.cgroups.can_fork(flags, args.cgroup ?? null)
    if (typeof cgroup === 'number') return fail(cgroup)
    attachThread(task, me, pid, nsproxy, sighand, cgroup, args, bytes)
    return 0
  }

  const shareFiles = (me: Task): Task['files'] => {
    fdTable(me).count++
    return me.files
  }
  const shareFs = (me: Task): Task['fs'] => {
    me.fs!.users++
    return me.fs
  }

  const attachThread = (
    task: Task,
    me: Task,
    pid: Pid,
    nsproxy: Thread['nsproxy'],
    sighand: Sighand,
    cgroup: Cgroup,
    args: CloneArgs,
    bytes: number,
  ): void => {
    const mine = threadOf(me)
    const thread = new Thread(machine.account, bytes, pid, nsproxy, sighand, cgroup, machine.clock())
    machine.namespaces.enter(nsproxy)
    thread.blocked = mine.blocked
    thread.tsc = mine.tsc
    thread.timer_slack_ns = thread.default_timer_slack_ns = mine.timer_slack_ns
    thread.cpus = mine.cpus
    thread.seccomp = mine.seccomp
    thread.filterBytes = mine.filterBytes
    thread.listener = mine.listener
    if (mine.seccomp !== 0) machine.syscallFilter.inherit(me, task)
    thread.image = mine.image
    mine.image?.memory.get()
    thread.self_exec_id = mine.self_exec_id
    if (has(args.flags, CLONE_CHILD_SETTID)) thread.set_child_tid = args.child_tid ?? null
    if (has(args.flags, CLONE_CHILD_CLEARTID)) thread.clear_child_tid = args.child_tid ?? null
    task.thread = thread
    task.pid = pid.numbers[0]!
    pid.task = task
  }

  /** From here nothing fails: the task becomes visible. */
  const enlist = (task: Task, me: Task, { flags, exit_signal }: CloneArgs, trace: boolean): void => {
    const thread = threadOf(task)
    const mine = threadOf(me)
    const sameGroup = has(flags, CLONE_THREAD)
    task.group_leader = sameGroup ? me.group_leader : task
    task.tgid = sameGroup ? me.tgid : task.pid
    if (has(flags, CLONE_PARENT | CLONE_THREAD)) {
      task.real_parent = me.real_parent
      thread.parent_exec_id = mine.parent_exec_id
      thread.exit_signal = sameGroup ? -1 : threadOf(me.group_leader!).exit_signal
    } else {
      task.real_parent = me
      thread.parent_exec_id = mine.self_exec_id
      thread.exit_signal = exit_signal
    }
    task.parent = task.real_parent
    if (trace && me.ptrace !== 0 && me.parent !== null && me.ptracer_cred !== null) {
      task.ptrace = me.ptrace
      machine.ptrace.link(task, me.parent, me.ptracer_cred)
      machine.delivery.stopForTracer(task)
    }
    const signal = signalOf(task)
    signal.threads.add(task)
    signal.live++
    if (!sameGroup) {
      const { pid } = thread
      signal.pgrp.group.add(task)
      signal.session.session.add(task)
      if (pid.ns.child_reaper === null) {
        pid.ns.child_reaper = task
        signal.unkillable = true
      }
      if (task.real_parent !== null) {
        const parent = signalOf(task.real_parent)
        signal.has_child_subreaper = parent.has_child_subreaper || parent.is_child_subreaper
        threadOf(task.real_parent).children.add(task)
      }
    }
    tasks.add(task)
    machine.cgroups.post_fork(task, flags)
    for (const step of machine.onFork) step(task, me, flags)
    if (task.mm !== null && !has(flags, CLONE_VM)) spaceOf(task.mm).memory = null
  }

  /** Which ptrace event, if any, a clone with these flags is to its maker's tracer. */
  const traceEvent = (args: CloneArgs): number => {
    if (has(args.flags, CLONE_UNTRACED)) return 0
    const event = has(args.flags, CLONE_VFORK) ? PTRACE_EVENT_VFORK
      : args.exit_signal !== SIGCHLD ? PTRACE_EVENT_CLONE : PTRACE_EVENT_FORK
    return current.task.ptrace & (1 << (3 + event)) ? event : 0
  }

  /** As `kernel_clone`: the child's pid as the caller sees it, or -errno. The host runs the child when it likes. */
  const kernel_clone = (args: CloneArgs): number => {
    if (has(args.flags, CLONE_PIDFD) && has(args.flags, CLONE_PARENT_SETTID) && args.pidfd === args.parent_tid)
      return -EINVAL
    const event = traceEvent(args)
    const task = copy_process(args, event !== 0 || has(args.flags, CLONE_PTRACE))
    if (typeof task === 'number') return task
    if (sched_process_fork.on) sched_process_fork.hit(current.task, task)
    const nr = tasks.pidNr(task)
    if (has(args.flags, CLONE_PARENT_SETTID) && args.parent_tid) args.parent_tid.value = nr
    const { set_child_tid } = threadOf(task)
    if (set_child_tid !== null) set_child_tid.value = threadOf(task).pid.numbers.at(-1)!
    if (event !== 0) machine.delivery.ptraceEvent(current.task, event, nr)
    return nr
  }

  return { copy_process, kernel_clone }
}
