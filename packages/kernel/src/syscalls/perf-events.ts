/** perf_event_open(2): counters of software and tracepoint events; there is no hardware that counts. */
import {
  CAP_KILL, CAP_PERFMON, CAP_SYS_ADMIN, E2BIG, EACCES, EBADF, EFAULT, EINVAL, ENOENT, ENOSPC, ENOTTY, EPERM, ESRCH,
  LOCKDOWN_PERF, O_RDWR, PAGE_SIZE, PERF_COUNT_SW_MAX, PERF_EVENT_IOC_DISABLE, PERF_EVENT_IOC_ENABLE,
  PERF_EVENT_IOC_ID, PERF_EVENT_IOC_REFRESH, PERF_EVENT_IOC_RESET, PERF_EVENT_IOC_SET_OUTPUT, PERF_FLAG_FD_CLOEXEC,
  PERF_FLAG_FD_NO_GROUP, PERF_FLAG_FD_OUTPUT, PERF_FLAG_PID_CGROUP, PERF_FORMAT_MAX, PERF_IOC_FLAG_GROUP,
  PERF_SAMPLE_CALLCHAIN, PERF_SAMPLE_MAX, PERF_SAMPLE_PHYS_ADDR, PERF_SAMPLE_RAW, PERF_SAMPLE_REGS_INTR,
  PERF_SECURITY_CPU, PERF_SECURITY_KERNEL, PERF_SECURITY_OPEN, PERF_SECURITY_TRACEPOINT, PERF_TYPE_SOFTWARE,
  PERF_TYPE_TRACEPOINT, PTRACE_MODE_ATTACH_REALCREDS, PTRACE_MODE_READ_REALCREDS, VM_SHARED,
} from '@lsmkit/abi'
import { capable, ns_capable } from '@lsmkit/core'
import type { File, Ref, Task } from '@lsmkit/core'
import { copyOut } from '../state/guest-bytes.ts'
import { fileOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { PerfEvent } from '../perf/perf-event.ts'
import type { PerfEventAttr } from '../perf/perf-event.ts'
import { FUNCTION_EVENT, Tracepoints, TRACEPOINTS } from '../perf/tracepoints.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'

const ALL_FLAGS = PERF_FLAG_FD_NO_GROUP | PERF_FLAG_FD_OUTPUT | PERF_FLAG_PID_CGROUP | PERF_FLAG_FD_CLOEXEC
const PERF_ATTR_SIZE_VER0 = 64
const MAX_SAMPLE_RATE = 100000
const isPowerOf2 = (value: number): boolean => value > 0 && Number.isInteger(Math.log2(value))

const perfOps = (machine: Machine): FileOperations => fileOperations({
  read(file, buf, off, len) {
    const event = held(file)
    const rc = machine.lsm.perf_event_read.ask(event)
    if (rc !== 0) return rc
    const { words } = event
    if (len < words.length * 8) return -ENOSPC
    copyOut(new Uint8Array(BigUint64Array.from(words, BigInt).buffer), buf, off)
    return words.length * 8
  },
  poll: () => 0,
  ioctl(file, cmd, arg) {
    const event = held(file)
    const rc = machine.lsm.perf_event_write.ask(event)
    return rc !== 0 ? rc : ioctl(machine, event, cmd, arg)
  },
  mmap(file, vma) {
    const event = held(file)
    if ((event.cpu === -1 && event.attr.inherit) || (vma.vm_flags & VM_SHARED) === 0) return -EINVAL
    const rc = machine.lsm.perf_event_read.ask(event)
    if (rc !== 0) return rc
    const pages = (vma.vm_end - vma.vm_start) / PAGE_SIZE - 1
    if (vma.vm_pgoff !== 0 || (pages !== 0 && !isPowerOf2(pages))) return -EINVAL
    if (event.dataPages !== null && event.dataPages !== pages) return -EINVAL
    event.dataPages = pages
    return 0
  },
  release: (_inode, file) => {
    const event = held(file)
    machine.part(PerfState).tracepoints.remove(event)
    const { siblings } = event.leader
    if (siblings.includes(event)) siblings.splice(siblings.indexOf(event), 1)
  },
})

class PerfState {
  readonly tracepoints: Tracepoints
  lastId = 0
  readonly fops: FileOperations

  constructor(machine: Machine) {
    this.tracepoints = new Tracepoints(machine)
    this.fops = perfOps(machine)
  }
}

const now = (machine: Machine): number => Math.round(machine.monotonic() * 1e6)

const perfmonCapable = (
  machine: Machine,
): boolean => capable(machine.lsm, machine.current, CAP_PERFMON) || capable(machine.lsm, machine.current, CAP_SYS_ADMIN)

const allow = (machine: Machine, type: number, paranoid: number, errno: number): number =>
  machine.sysctl.perf_event_paranoid > paranoid && !perfmonCapable(machine)
    ? -errno
    : machine.lsm.perf_event_open.ask(type)

const allowKernel = (machine: Machine): number => allow(machine, PERF_SECURITY_KERNEL, 1, EACCES)

/** As `perf_copy_attr`. */
const checkAttr = (attr: unknown): number => {
  if (attr === null || typeof attr !== 'object') return -EFAULT
  const { size = 0, sample_type = 0, read_format = 0, ...flags } = attr as PerfEventAttr
  if (size !== 0 && (size < PERF_ATTR_SIZE_VER0 || size > PAGE_SIZE)) return -E2BIG
  if ((sample_type & ~(PERF_SAMPLE_MAX - 1)) !== 0 || (read_format & ~(PERF_FORMAT_MAX - 1)) !== 0) return -EINVAL
  if (flags.inherit_thread && !flags.inherit) return -EINVAL
  if (flags.remove_on_exec && flags.enable_on_exec) return -EINVAL
  return flags.sigtrap && !flags.remove_on_exec ? -EINVAL : 0
}

/** Checks the rights that an event needs, before its task is looked up. */
const mayOpen = (machine: Machine, attr: PerfEventAttr): number => {
  if (machine.sysctl.perf_event_paranoid > 2 && !capable(machine.lsm, machine.current, CAP_SYS_ADMIN)) return -EACCES
  let rc = machine.lsm.perf_event_open.ask(PERF_SECURITY_OPEN)
  if (rc !== 0) return rc
  const { sample_type = 0, sample_period = 0 } = attr
  const seesKernel = !attr.exclude_kernel || attr.text_poke ||
    ((sample_type & PERF_SAMPLE_CALLCHAIN) !== 0 && !attr.exclude_callchain_kernel)
  if (seesKernel && (rc = allowKernel(machine)) !== 0) return rc
  if (attr.namespaces && !perfmonCapable(machine)) return -EACCES
  if (attr.freq ? sample_period > MAX_SAMPLE_RATE : sample_period < 0) return -EINVAL
  if ((sample_type & PERF_SAMPLE_PHYS_ADDR) !== 0 && (rc = allowKernel(machine)) !== 0) return rc
  return (sample_type & PERF_SAMPLE_REGS_INTR) !== 0 ? machine.lsm.locked_down.ask(LOCKDOWN_PERF) : 0
}

/** As `event_init` of software and tracepoint events: 0 or -errno, -ENOENT for all others. */
const initEvent = (
  machine: Machine, { type = 0, config = 0, sample_type = 0, sample_period = 0 }: PerfEventAttr,
): number => {
  if (type === PERF_TYPE_SOFTWARE) return config >= 0 && config < PERF_COUNT_SW_MAX ? 0 : -ENOENT
  if (type !== PERF_TYPE_TRACEPOINT) return -ENOENT
  const isFunction = config === FUNCTION_EVENT
  if (!isFunction && !TRACEPOINTS.some(({ id }) => id === config)) return -EINVAL
  const leaks = isFunction || ((sample_type & PERF_SAMPLE_RAW) !== 0 && sample_period !== 0)
  return leaks ? allow(machine, PERF_SECURITY_TRACEPOINT, -1, EPERM) : 0
}

/** As `perf_check_permission`. */
const mayWatch = (machine: Machine, attr: PerfEventAttr, task: Task): boolean => {
  let may = perfmonCapable(machine)
  if (attr.sigtrap) may = ns_capable(machine.lsm, machine.current, task.cred.user_ns, CAP_KILL) && may
  const mode = attr.sigtrap ? PTRACE_MODE_ATTACH_REALCREDS : PTRACE_MODE_READ_REALCREDS
  return may || machine.ptrace.may_access(task, mode)
}

const eventOf = (machine: Machine, fd: number): PerfEvent | number => {
  const file = fget(machine.current.task, fd)
  const event = file === null ? null : fileState(file).data
  return event instanceof PerfEvent ? event : -EBADF
}

const held = (file: File): PerfEvent => fileState(file).data as PerfEvent

const changed = (event: PerfEvent, arg: unknown, change: (one: PerfEvent) => void): number => {
  const all = (Number(arg) & PERF_IOC_FLAG_GROUP) !== 0
  for (const one of all ? [event.leader, ...event.leader.siblings] : [event]) change(one)
  return 0
}

const ioctl = (machine: Machine, event: PerfEvent, cmd: number, arg: unknown): number => {
  switch (cmd) {
    case PERF_EVENT_IOC_ENABLE: return changed(event, arg, (one) => one.enable())
    case PERF_EVENT_IOC_DISABLE: return changed(event, arg, (one) => one.disable())
    case PERF_EVENT_IOC_RESET: return changed(event, arg, (one) => one.reset())
    case PERF_EVENT_IOC_REFRESH: return (event.attr.sample_period ?? 0) === 0 ? -EINVAL : 0
    case PERF_EVENT_IOC_ID:
      if (arg === null || typeof arg !== 'object') return -EFAULT
      ;(arg as Ref<number>).value = event.id
      return 0
    case PERF_EVENT_IOC_SET_OUTPUT: {
      if (arg === -1) return 0
      const output = eventOf(machine, Number(arg))
      return typeof output === 'number' ? output : output === event || output.cpu !== event.cpu ? -EINVAL : 0
    }
    default: return -ENOTTY
  }
}

const findTask = (machine: Machine, pid: number): Task | null | number => {
  if (pid === -1) return null
  const task = pid === 0 ? machine.current.task : machine.tasks.findByVpid(pid)
  return task ?? -ESRCH
}

/** As `perf_event_alloc` and the steps after it: the file, or -errno. */
const open = (
  machine: Machine, attr: PerfEventAttr, pid: number, cpu: number, leader: PerfEvent | null,
): File | number => {
  const task = findTask(machine, pid)
  if (typeof task === 'number') return task
  if (task !== null && leader !== null && !leader.attr.inherit !== !attr.inherit) return -EINVAL
  if (cpu !== 0 && (task === null || cpu !== -1)) return -EINVAL
  let rc = initEvent(machine, attr)
  if (rc !== 0) return rc
  const event = new PerfEvent(++machine.part(PerfState).lastId, { ...attr }, task, cpu, leader, () => now(machine))
  rc = machine.lsm.perf_event_alloc.ask(event)
  if (rc !== 0) return rc
  if (task !== null && !mayWatch(machine, attr, task)) return -EACCES
  if (task === null && (rc = allow(machine, PERF_SECURITY_CPU, 0, EACCES)) !== 0) return rc
  if (leader !== null) {
    const differs = leader.leader !== leader || leader.cpu !== cpu || leader.task !== task
    if (differs || attr.exclusive || attr.pinned) return -EINVAL
  }
  const file = machine.vfs.anon_inode_getfile('[perf_event]', machine.part(PerfState).fops, event, O_RDWR)
  if (typeof file === 'number') return file
  leader?.siblings.push(event)
  if (event.type === PERF_TYPE_TRACEPOINT) machine.part(PerfState).tracepoints.add(event)
  return file
}

const perf_event_open = (
  machine: Machine, given: PerfEventAttr | null, pid: number, cpu: number, group_fd: number, flags: number,
): number => {
  if ((flags & ~ALL_FLAGS) !== 0) return -EINVAL
  const rc = checkAttr(given) || mayOpen(machine, given!)
  if (rc !== 0) return rc
  if ((flags & PERF_FLAG_PID_CGROUP) !== 0) return pid === -1 || cpu === -1 ? -EINVAL : -EBADF
  return machine.vfs.installNew(() => {
    const group = group_fd === -1 ? null : eventOf(machine, group_fd)
    if (typeof group === 'number') return group
    return open(machine, given!, pid, cpu, (flags & PERF_FLAG_FD_NO_GROUP) !== 0 ? null : group)
  }, (flags & PERF_FLAG_FD_CLOEXEC) !== 0)
}

export const perfEventSyscalls = { perf_event_open }
