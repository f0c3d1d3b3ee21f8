/** Nice values and I/O priorities of processes, groups and users (kernel/sys.c, block/ioprio.c). */
import {
  CAP_SYS_ADMIN, CAP_SYS_NICE, DEFAULT_PRIO, EACCES, EINVAL, EPERM, ESRCH, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE,
  IOPRIO_CLASS_MASK, IOPRIO_CLASS_NONE, IOPRIO_CLASS_RT, IOPRIO_CLASS_SHIFT, IOPRIO_LEVEL_MASK, IOPRIO_WHO_PGRP,
  IOPRIO_WHO_PROCESS, IOPRIO_WHO_USER, MAX_NICE, MIN_NICE, PRIO_PGRP, PRIO_PROCESS, PRIO_USER, RLIMIT_NICE,
} from '@lsmkit/abi'
import { capable, make_kuid, ns_capable, uid_valid } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { rlimit } from '../state/task/rlimits.ts'
import { signalOf, taskNice } from '../state/task/thread.ts'

/** Nice values that share one level of I/O priority. */
const NICE_PER_LEVEL = 5

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high)
/** getpriority(2) and RLIMIT_NICE count from 1 to 40, so no answer looks like an error. */
const niceToRlimit = (nice: number): number => MAX_NICE - nice + 1

/** As `can_nice`: RLIMIT_NICE of the task, or CAP_SYS_NICE. */
const isReduction = (task: Task, nice: number): boolean => niceToRlimit(nice) <= rlimit(task, RLIMIT_NICE)

const canNice = (
  machine: Machine, task: Task, nice: number,
): boolean => isReduction(task, nice) || capable(machine.lsm, machine.current, CAP_SYS_NICE)

const groupThreads = function* (machine: Machine, who: number): Generator<Task> {
  const pgrp = who === 0 ? signalOf(machine.current.task).pgrp : machine.tasks.findVpid(who)
  for (const leader of [...(pgrp?.group ?? [])]) yield* [...signalOf(leader).threads]
}

const userThreads = function* (machine: Machine, kuid: number): Generator<Task> {
  for (const task of [...machine.tasks.threads()]) if (task.real_cred.uid === kuid &&
    machine.tasks.pidNr(task) !== 0) yield task
}

/** As `set_one_prio`: `error` is the result so far; the answer is the new result. */
const setOne = (machine: Machine, task: Task, nice: number, error: number): number => {
  const { cred } = machine.current.task
  const pcred = task.real_cred
  const own = pcred.uid === cred.euid || pcred.euid === cred.euid
  if (!own && !ns_capable(machine.lsm, machine.current, pcred.user_ns, CAP_SYS_NICE)) return -EPERM
  if (nice < taskNice(task) && !canNice(machine, task, nice)) return -EACCES
  const rc = machine.lsm.task_setnice.ask(task, nice)
  if (rc !== 0) return rc
  task.static_prio = DEFAULT_PRIO + nice
  return error === -ESRCH ? 0 : error
}

/** The tasks that `which` and `who` of setpriority(2) mean. */
const selected = (machine: Machine, which: number, who: number): Iterable<Task> => {
  if (which === PRIO_PROCESS) {
    const task = who === 0 ? machine.current.task : machine.tasks.findByVpid(who)
    return task === null ? [] : [task]
  }
  if (which === PRIO_PGRP) return groupThreads(machine, who)
  const { cred } = machine.current.task
  return userThreads(machine, who === 0 ? cred.uid : make_kuid(cred.user_ns, who))
}

const setpriority = (machine: Machine, which: number, who: number, niceval: number): number => {
  if (which < PRIO_PROCESS || which > PRIO_USER) return -EINVAL
  const nice = clamp(niceval, MIN_NICE, MAX_NICE)
  let error = -ESRCH
  for (const task of selected(machine, which, who)) error = setOne(machine, task, nice, error)
  return error
}

const getpriority = (machine: Machine, which: number, who: number): number => {
  if (which < PRIO_PROCESS || which > PRIO_USER) return -EINVAL
  let best = -ESRCH
  for (const task of selected(machine, which, who)) best = Math.max(best, niceToRlimit(taskNice(task)))
  return best
}

/** As `ioprio_check_cap`. */
const checkIoprio = (machine: Machine, ioprio: number): number => {
  const level = ioprio & IOPRIO_LEVEL_MASK
  switch ((ioprio >> IOPRIO_CLASS_SHIFT) & IOPRIO_CLASS_MASK) {
    case IOPRIO_CLASS_RT:
      return capable(machine.lsm, machine.current, CAP_SYS_ADMIN) ||
        capable(machine.lsm, machine.current, CAP_SYS_NICE) ? 0 : -EPERM
    case IOPRIO_CLASS_BE:
    case IOPRIO_CLASS_IDLE:
      return 0
    case IOPRIO_CLASS_NONE:
      return level !== 0 ? -EINVAL : 0
    default:
      return -EINVAL
  }
}

const setIoprio = (machine: Machine, task: Task, ioprio: number): number => {
  const { cred } = machine.current.task
  const { uid } = task.real_cred
  if (uid !== cred.euid && uid !== cred.uid && !capable(machine.lsm, machine.current, CAP_SYS_NICE)) return -EPERM
  const rc = machine.lsm.task_setioprio.ask(task, ioprio)
  if (rc !== 0) return rc
  task.ioprio = ioprio
  return 0
}

/** `nobody`: the user whose tasks IOPRIO_WHO_USER means by 0. */
const ioprioTasks = (machine: Machine, which: number, who: number, nobody: number): Iterable<Task> | null => {
  if (which === IOPRIO_WHO_PROCESS) return selected(machine, PRIO_PROCESS, who)
  if (which === IOPRIO_WHO_PGRP) return selected(machine, PRIO_PGRP, who)
  if (which !== IOPRIO_WHO_USER) return null
  const kuid = make_kuid(machine.current.task.cred.user_ns, who)
  return uid_valid(kuid) ? userThreads(machine, who === 0 ? nobody : kuid) : []
}

const ioprio_set = (machine: Machine, which: number, who: number, ioprio: number): number => {
  const checked = checkIoprio(machine, ioprio)
  if (checked !== 0) return checked
  // 0 is root here, and the caller's own user in ioprio_get
  const chosen = ioprioTasks(machine, which, who, make_kuid(machine.current.task.cred.user_ns, 0))
  if (chosen === null) return -EINVAL
  let rc = -ESRCH
  for (const task of chosen) {
    rc = setIoprio(machine, task, ioprio)
    if (rc !== 0) return rc
  }
  return rc
}

/** The best (lowest) priority of the tasks that the caller may see; for one process the priority that was set. */
const ioprio_get = (machine: Machine, which: number, who: number): number => {
  const chosen = ioprioTasks(machine, which, who, machine.current.task.cred.uid)
  if (chosen === null) return -EINVAL
  let best = -ESRCH
  for (const task of chosen) {
    const rc = machine.lsm.task_getioprio.ask(task)
    if (rc !== 0) {
      if (which === IOPRIO_WHO_PROCESS) return rc
      continue
    }
    const value = which === IOPRIO_WHO_PROCESS ? task.ioprio : effectiveIoprio(task)
    best = best === -ESRCH ? value : Math.min(best, value)
  }
  return best
}

export const prioritySyscalls = { setpriority, getpriority, ioprio_set, ioprio_get }

/** As `__get_task_ioprio`: without a class of its own, best effort by nice value. */
const effectiveIoprio = (task: Task): number =>
  task.ioprio >> IOPRIO_CLASS_SHIFT !== IOPRIO_CLASS_NONE ? task.ioprio
    : (IOPRIO_CLASS_BE << IOPRIO_CLASS_SHIFT) | Math.floor((taskNice(task) - MIN_NICE) / NICE_PER_LEVEL)
