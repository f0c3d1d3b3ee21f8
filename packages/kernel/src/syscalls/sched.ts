/** Scheduling policies and affinity: checks and keeps them, but schedules nothing (kernel/sched/syscalls.c). */
import {
  CAP_SYS_NICE, DEFAULT_PRIO, E2BIG, EFAULT, EINVAL, EOPNOTSUPP, EPERM, ESRCH, MAX_NICE, MAX_RT_PRIO, MIN_NICE,
  PAGE_SIZE, PF_NO_SETAFFINITY, RLIMIT_NICE, RLIMIT_RTPRIO, SCHED_ATTR_SIZE_VER0, SCHED_ATTR_SIZE_VER1, SCHED_BATCH,
  SCHED_DEADLINE, SCHED_EXT, SCHED_FIFO, SCHED_FLAG_ALL, SCHED_FLAG_KEEP_PARAMS, SCHED_FLAG_KEEP_POLICY,
  SCHED_FLAG_RESET_ON_FORK, SCHED_FLAG_UTIL_CLAMP, SCHED_IDLE, SCHED_NORMAL, SCHED_RESET_ON_FORK, SCHED_RR,
} from '@lsmkit/abi'
import { capable, ns_capable } from '@lsmkit/core'
import type { Ref, Task, Timespec64 } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { rlimit } from '../state/task/rlimits.ts'
import { taskNice, threadOf } from '../state/task/thread.ts'

export interface SchedParam {
  sched_priority: number
}

/** `struct sched_attr`; a deadline's times are nanoseconds. */
export interface SchedAttr {
  size: number
  sched_policy: number
  sched_flags: number
  sched_nice: number
  sched_priority: number
  sched_runtime: number
  sched_deadline: number
  sched_period: number
}

/** Keeps the policy. */
const SETPARAM_POLICY = -1
/** Round robin slice. */
const RR_NANOSECONDS = 100_000_000
const SCHED_ATTR_SIZE = 56
/** One processor: JavaScript runs one thing at a time. */
const CPUS = 1
const CPU_MASK = (1n << BigInt(CPUS)) - 1n

const isRt = (policy: number): boolean => policy === SCHED_FIFO || policy === SCHED_RR
const isFair = (policy: number): boolean => policy === SCHED_NORMAL || policy === SCHED_BATCH
/** SCHED_EXT needs sched_ext, which this kernel does not have. */
const isValid = (policy: number): boolean =>
  isRt(policy) || isFair(policy) || policy === SCHED_IDLE || policy === SCHED_DEADLINE

const findTask = (
  machine: Machine, pid: number,
): Task | null => (pid === 0 ? machine.current.task : machine.tasks.findByVpid(pid))

const isOwn = (machine: Machine, task: Task): boolean => {
  const { euid } = machine.current.task.cred
  return euid === task.real_cred.euid || euid === task.real_cred.uid
}

const isReduction = (task: Task, nice: number): boolean => MAX_NICE - nice + 1 <= rlimit(task, RLIMIT_NICE)

/** As `user_check_sched_setscheduler`: whether the change is one that needs CAP_SYS_NICE. */
const needsPrivilege = (machine: Machine, task: Task, attr: SchedAttr, policy: number, reset: boolean): boolean => {
  if (isFair(policy) && attr.sched_nice < taskNice(task) && !isReduction(task, attr.sched_nice)) return true
  if (isRt(policy)) {
    const limit = rlimit(task, RLIMIT_RTPRIO)
    if (policy !== task.policy && limit === 0) return true
    if (attr.sched_priority > task.rt_priority && attr.sched_priority > limit) return true
  }
  if (policy === SCHED_DEADLINE) return true
  if (task.policy === SCHED_IDLE && policy !== SCHED_IDLE && !isReduction(task, taskNice(task))) return true
  return !isOwn(machine, task) || (threadOf(task).sched_reset_on_fork && !reset)
}

/** As `__sched_setscheduler`. */
const apply = (machine: Machine, task: Task, attr: SchedAttr): number => {
  const thread = threadOf(task)
  const keep = attr.sched_policy < 0
  const policy = keep ? task.policy : attr.sched_policy
  const reset = keep ? thread.sched_reset_on_fork : (attr.sched_flags & SCHED_FLAG_RESET_ON_FORK) !== 0
  if (!keep && !isValid(policy)) return -EINVAL
  if (attr.sched_flags & ~SCHED_FLAG_ALL) return -EINVAL
  if (attr.sched_priority < 0 || attr.sched_priority > MAX_RT_PRIO - 1) return -EINVAL
  if (policy === SCHED_DEADLINE && !validDeadline(attr)) return -EINVAL
  if (isRt(policy) !== (attr.sched_priority !== 0)) return -EINVAL
  if (needsPrivilege(machine, task, attr, policy, reset) && !capable(machine.lsm, machine.current, CAP_SYS_NICE))
    return -EPERM
  const rc = machine.lsm.task_setscheduler.ask(task)
  if (rc !== 0) return rc
  // this kernel is built without UCLAMP_TASK, as Debian's
  if (attr.sched_flags & SCHED_FLAG_UTIL_CLAMP) return -EOPNOTSUPP
  thread.sched_reset_on_fork = reset
  if (attr.sched_flags & SCHED_FLAG_KEEP_PARAMS) return 0
  task.policy = policy
  task.rt_priority = attr.sched_priority
  if (isFair(policy)) task.static_prio = DEFAULT_PRIO + attr.sched_nice
  // real-time tasks have no timer slack
  if (isRt(policy) || policy === SCHED_DEADLINE) thread.timer_slack_ns = 0
  else if (thread.timer_slack_ns === 0) thread.timer_slack_ns = thread.default_timer_slack_ns
  return 0
}

const validDeadline = (attr: SchedAttr): boolean =>
  attr.sched_deadline !== 0 && attr.sched_runtime >= 1024 && attr.sched_runtime <= attr.sched_deadline &&
  (attr.sched_period === 0 || attr.sched_deadline <= attr.sched_period)

/** As `do_sched_setscheduler`. */
const setScheduler = (machine: Machine, pid: number, policy: number, param: SchedParam | null): number => {
  if (param === null || pid < 0) return -EINVAL
  const task = findTask(machine, pid)
  if (task === null) return -ESRCH
  const resets = policy !== SETPARAM_POLICY && (policy & SCHED_RESET_ON_FORK) !== 0
  return apply(machine, task, {
    size: SCHED_ATTR_SIZE,
    sched_policy: resets ? policy & ~SCHED_RESET_ON_FORK : policy,
    sched_flags: resets ? SCHED_FLAG_RESET_ON_FORK : 0,
    sched_nice: taskNice(task),
    sched_priority: param.sched_priority,
    sched_runtime: 0,
    sched_deadline: 0,
    sched_period: 0,
  })
}

/** The task that a call asks about, if the LSMs agree; -errno otherwise. */
const seen = (machine: Machine, pid: number): Task | number => {
  const task = findTask(machine, pid)
  if (task === null) return -ESRCH
  const rc = machine.lsm.task_getscheduler.ask(task)
  return rc !== 0 ? rc : task
}

const sched_setattr = (machine: Machine, pid: number, uattr: SchedAttr | null, flags: number): number => {
  if (uattr === null || pid < 0 || flags !== 0) return -EINVAL
  const size = uattr.size === 0 ? SCHED_ATTR_SIZE_VER0 : uattr.size
  if (size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE) {
    uattr.size = SCHED_ATTR_SIZE
    return -E2BIG
  }
  if (uattr.sched_flags & SCHED_FLAG_UTIL_CLAMP && size < SCHED_ATTR_SIZE_VER1) return -EINVAL
  const attr = { ...uattr, sched_nice: Math.min(Math.max(uattr.sched_nice, MIN_NICE), MAX_NICE) }
  if (attr.sched_policy < 0) return -EINVAL
  if (attr.sched_flags & SCHED_FLAG_KEEP_POLICY) attr.sched_policy = SETPARAM_POLICY
  const task = findTask(machine, pid)
  if (task === null) return -ESRCH
  if (attr.sched_flags & SCHED_FLAG_KEEP_PARAMS) {
    if (isRt(task.policy)) attr.sched_priority = task.rt_priority
    else attr.sched_nice = taskNice(task)
  }
  return apply(machine, task, attr)
}

const sched_getattr = (machine: Machine, pid: number, uattr: SchedAttr | null, size: number, flags: number): number => {
  if (uattr === null || pid < 0 || size > PAGE_SIZE || size < SCHED_ATTR_SIZE_VER0 || flags !== 0) return -EINVAL
  const task = seen(machine, pid)
  if (typeof task === 'number') return task
  Object.assign(uattr, {
    size: Math.min(size, SCHED_ATTR_SIZE),
    sched_policy: task.policy,
    sched_flags: threadOf(task).sched_reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0,
    sched_nice: isRt(task.policy) ? 0 : taskNice(task),
    sched_priority: isRt(task.policy) ? task.rt_priority : 0,
    sched_runtime: 0,
    sched_deadline: 0,
    sched_period: 0,
  } satisfies SchedAttr)
  return 0
}

/** `mask`: bit n is CPU n. */
const sched_setaffinity = (machine: Machine, pid: number, _len: number, mask: bigint | null): number => {
  if (mask === null) return -EFAULT
  const task = findTask(machine, pid)
  if (task === null) return -ESRCH
  if (task.flags & PF_NO_SETAFFINITY) return -EINVAL
  if (!isOwn(machine, task) && !ns_capable(machine.lsm, machine.current, task.real_cred.user_ns, CAP_SYS_NICE))
    return -EPERM
  const rc = machine.lsm.task_setscheduler.ask(task)
  if (rc !== 0) return rc
  const usable = mask & CPU_MASK
  if (usable === 0n) return -EINVAL
  threadOf(task).cpus = usable
  return 0
}

const sched_getaffinity = (machine: Machine, pid: number, len: number, mask: Ref<bigint> | null): number => {
  if (len * 8 < CPUS || len % 8 !== 0) return -EINVAL
  const task = seen(machine, pid)
  if (typeof task === 'number') return task
  if (mask === null) return -EFAULT
  mask.value = threadOf(task).cpus & CPU_MASK
  return Math.min(len, 8)
}

const priorityRange = (policy: number, rt: number): number =>
  isRt(policy)
    ? rt
    : isFair(policy) || policy === SCHED_IDLE || policy === SCHED_DEADLINE || policy === SCHED_EXT
      ? 0
      : -EINVAL

const sched_setscheduler = (machine: Machine, pid: number, policy: number, param: SchedParam | null): number =>
  policy < 0 ? -EINVAL : setScheduler(machine, pid, policy, param)

const sched_setparam = (
  machine: Machine, pid: number, param: SchedParam | null,
): number => setScheduler(machine, pid, SETPARAM_POLICY, param)

const sched_getscheduler = (machine: Machine, pid: number): number => {
  if (pid < 0) return -EINVAL
  const task = seen(machine, pid)
  if (typeof task === 'number') return task
  return task.policy | (threadOf(task).sched_reset_on_fork ? SCHED_RESET_ON_FORK : 0)
}

const sched_getparam = (machine: Machine, pid: number, param: SchedParam | null): number => {
  if (param === null || pid < 0) return -EINVAL
  const task = seen(machine, pid)
  if (typeof task === 'number') return task
  param.sched_priority = isRt(task.policy) ? task.rt_priority : 0
  return 0
}

const sched_rr_get_interval = (machine: Machine, pid: number, interval: Timespec64 | null): number => {
  if (pid < 0) return -EINVAL
  const task = seen(machine, pid)
  if (typeof task === 'number') return task
  if (interval === null) return -EFAULT
  interval.tv_sec = 0
  interval.tv_nsec = task.policy === SCHED_RR ? RR_NANOSECONDS : 0
  return 0
}

const sched_get_priority_max = (_machine: Machine, policy: number): number => priorityRange(policy, MAX_RT_PRIO - 1)

const sched_get_priority_min = (_machine: Machine, policy: number): number => priorityRange(policy, 1)

const sched_yield = (): number => 0

export const schedSyscalls = {
  sched_setattr, sched_getattr, sched_setaffinity, sched_getaffinity, sched_setscheduler, sched_setparam,
  sched_getscheduler, sched_getparam, sched_rr_get_interval, sched_get_priority_max, sched_get_priority_min,
  sched_yield,
}
