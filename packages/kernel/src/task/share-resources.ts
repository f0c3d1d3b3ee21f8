/**
 * Resources that a clone acquires for the new task, in the kernel's order. Each step is undone if a later one fails.
 */
import {
  CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN, CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID, CLONE_FILES, CLONE_FS, CLONE_PIDFD,
  CLONE_THREAD, EFAULT, ENOMEM, PIDFD_THREAD,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Task, UserNamespace } from '@lsmkit/core'
import type { Cgroup } from '../state/cgroup/cgroup.ts'
import type { CloneArgs } from '../interfaces/tasks.ts'
import { AuditContext } from '../state/audit.ts'
import type { Machine } from '../machine.ts'
import { fdTable } from '../state/vfs/fdtable.ts'
import { has } from './clone-flags.ts'
import { copy_mm, copy_sighand, copy_signal, shareFiles, shareFs } from './copy-task.ts'
import type { Pid } from '../state/task/pid.ts'
import { Thread, threadOf } from '../state/task/thread.ts'
import type { Sighand } from '../state/task/thread.ts'

/** As `checkpoint_restore_ns_capable`. */
const mayPickPid = ({ lsm, current }: Machine, ns: UserNamespace): boolean =>
  ns_capable(lsm, current, ns, CAP_CHECKPOINT_RESTORE) || ns_capable(lsm, current, ns, CAP_SYS_ADMIN)

/** Files, directories, signals, memory, namespaces and the pid, each undone when a later one fails. */
export const shareResources = (machine: Machine, task: Task, me: Task, args: CloneArgs, bytes: number): number => {
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
  const sighand = copy_sighand(flags, mine.sighand)
  undo.push(() => void sighand.count--)
  task.signal = copy_signal(machine, flags, me)
  const mm = copy_mm(machine, flags, me)
  if (typeof mm === 'number') return fail(mm)
  task.mm = mm
  undo.push(() => machine.exits.exit_mm(task))
  const nsproxy = machine.namespaces.copy_namespaces(flags, task, mine.nsproxy)
  if (typeof nsproxy === 'number') return fail(nsproxy)
  undo.push(() => machine.namespaces.dropUnused(nsproxy))
  const pid =
    nsproxy.pid_ns_for_children.alloc(machine.sysctl.pid_max, args.set_tid ?? [], (ns) => mayPickPid(machine, ns))
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
  attachThread(machine, task, me, pid, nsproxy, sighand, cgroup, args, bytes)
  return 0
}

const attachThread = (
  machine: Machine, task: Task,
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
  if (machine.auditRules.wasEnabled) thread.audit = new AuditContext()
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
