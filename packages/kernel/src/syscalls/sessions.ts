/** Process groups, sessions and ids of tasks (kernel/sys.c). */
import { EACCES, EINVAL, EPERM, ESRCH, PF_FORKNOEXEC } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { Pid } from '../state/task/pid.ts'
import { isLeader, leaderOf, sameThreadGroup, signalOf, threadOf } from '../state/task/thread.ts'

const moveToGroup = (leader: Task, pgrp: Pid): void => {
  const signal = signalOf(leader)
  if (signal.pgrp === pgrp) return
  const old = signal.pgrp
  old.group.delete(leader)
  signal.pgrp = pgrp
  pgrp.group.add(leader)
  old.put()
}

/** The caller may move itself, or a child of the same session that has not executed a program yet. */
const mayMove = (p: Task, me: Task): number => {
  if (!isLeader(p)) return -EINVAL
  if (p.real_parent !== null && sameThreadGroup(p.real_parent, me)) {
    if (signalOf(p).session !== signalOf(me).session) return -EPERM
    if (!(p.flags & PF_FORKNOEXEC)) return -EACCES
  } else if (p !== me) return -ESRCH
  return signalOf(p).leader ? -EPERM : 0
}

const setpgid = (machine: Machine, pid: number, pgid: number): number => {
  const me = leaderOf(machine.current.task)
  const wanted = pid === 0 ? machine.tasks.pidNr(me) : pid
  const group = pgid === 0 ? wanted : pgid
  if (group < 0) return -EINVAL
  const p = machine.tasks.findByVpid(wanted)
  if (p === null) return -ESRCH
  let rc = mayMove(p, me)
  if (rc !== 0) return rc
  let pgrp: Pid = threadOf(p).pid
  if (group !== wanted) {
    const found = machine.tasks.findVpid(group)
    const [member] = found?.group ?? []
    if (found === null || member === undefined || signalOf(member).session !== signalOf(me).session) return -EPERM
    pgrp = found
  }
  rc = machine.lsm.task_setpgid.ask(p, group)
  if (rc !== 0) return rc
  moveToGroup(p, pgrp)
  return 0
}

/** No hook is asked when the caller gives 0 for itself. */
const getpgid = (machine: Machine, pid: number): number => {
  if (pid === 0) return signalOf(machine.current.task).pgrp.nr(machine.tasks.activeNs)
  const p = machine.tasks.findByVpid(pid)
  if (p === null) return -ESRCH
  const rc = machine.lsm.task_getpgid.ask(p)
  return rc !== 0 ? rc : signalOf(p).pgrp.nr(machine.tasks.activeNs)
}

const getsid = (machine: Machine, pid: number): number => {
  if (pid === 0) return signalOf(machine.current.task).session.nr(machine.tasks.activeNs)
  const p = machine.tasks.findByVpid(pid)
  if (p === null) return -ESRCH
  const rc = machine.lsm.task_getsid.ask(p)
  return rc !== 0 ? rc : signalOf(p).session.nr(machine.tasks.activeNs)
}

const setsid = (machine: Machine): number => {
  const me = leaderOf(machine.current.task)
  const signal = signalOf(me)
  const { pid } = threadOf(me)
  if (signal.leader || pid.group.size !== 0) return -EPERM
  signal.leader = true
  const old = signal.session
  old.session.delete(me)
  signal.session = pid
  pid.session.add(me)
  old.put()
  moveToGroup(me, pid)
  signal.tty = 0
  return machine.tasks.pidNr(me)
}

const getpgrp = (machine: Machine): number => getpgid(machine, 0)

const getpid = (machine: Machine): number => machine.tasks.tgidNr(machine.current.task)

const gettid = (machine: Machine): number => machine.tasks.pidNr(machine.current.task)

const getppid = (machine: Machine): number =>
  (machine.current.task.real_parent === null ? 0 : machine.tasks.tgidNr(machine.current.task.real_parent))

export const sessionSyscalls = { setpgid, getpgid, getsid, setsid, getpgrp, getpid, gettid, getppid }
