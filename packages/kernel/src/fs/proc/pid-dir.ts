/** /proc/PID and /proc/PID/task/TID: the table of the files of a process (fs/proc/base.c, tgid_base_stuff). */
import {
  CAP_SYS_ADMIN, CAP_SYS_NICE, CAP_SYS_RESOURCE, EACCES, EINVAL, ENOENT, EPERM, FMODE_WRITE,
  PTRACE_MODE_ATTACH_FSCREDS, PTRACE_MODE_READ_FSCREDS, S_IMMUTABLE, USERNS_SETGROUPS_ALLOWED,
} from '@lsmkit/abi'
import {
  capable, from_kgid, from_kuid, from_kuid_munged, has_ns_capability_noaudit, INVALID_UID, make_kuid, nop_mnt_idmap,
  ns_capable, uid_valid,
} from '@lsmkit/core'
import type { Task, UserNamespace } from '@lsmkit/core'
import { set_task_comm } from '../../task/comm.ts'
import { spaceOf } from '../../state/mm/address-space.ts'
import { setLoginuid } from '../../task/loginuid.ts'
import { sameThreadGroup, signalOf, threadOf } from '../../state/task/thread.ts'
import { timensOffsetsText, writeTimensOffsets } from '../../task/time-ns.ts'
import type { PseudoDir, PseudoNode, PseudoText, TextIo } from '../pseudo/nodes.ts'
import type { Pieces } from '../pseudo/pieces.ts'
import { attrDir } from './attr.ts'
import { fdinfoNode, fdNode, nameToInt, placeLink } from './fds.ts'
import { HIDEPID_INVISIBLE, HIDEPID_NO_ACCESS, mayKnow } from './instance.ts'
import type { PidContext } from './instance.ts'
import { mapFilesNode } from './map-files.ts'
import { auxvNode, cmdlineText, environNode, mapsNode, memNode, pagemapNode, smapsNode } from './memory.ts'
import { mountinfoText, mountsText, mountstatsText } from './mounts.ts'
import { nsDir } from './ns.ts'
import { GONE, pidNode } from './owner.ts'
import { limitsText, statmText, statText, statusText } from './status.ts'

const decoder = new TextDecoder()
type Answer = string | Uint8Array | number

/** A file whose text is made of the task. */
const one = (context: PidContext, mode: number, text: (task: Task) => Answer): PseudoText => ({
  kind: 'text',
  mode,
  text: () => (context.pid.task === null ? GONE : text(context.pid.task)),
  ...pidNode(context),
})

/** The same of a text that may be long. */
const pieces = (context: PidContext, mode: number, text: (task: Task) => Pieces): PseudoText => ({
  kind: 'text',
  mode,
  pieces: () => (context.pid.task === null ? [GONE] : text(context.pid.task)),
  ...pidNode(context),
})

/** A file that can be written as well. */
const both = (
  context: PidContext, mode: number, text: (task: Task, io: TextIo) => Answer,
  write: (task: Task, data: string, pos: number, io: TextIo) => number, open?: (io: TextIo) => number,
): PseudoText => ({
  kind: 'text',
  mode,
  ...(open === undefined ? {} : { open }),
  text: (io) => (context.pid.task === null ? GONE : text(context.pid.task, io)),
  write: (io, data, pos) => (context.pid.task === null ? GONE : write(context.pid.task, decoder.decode(data), pos, io)),
  ...pidNode(context),
})

const parseInteger = (text: string): number | null => (/^\s*[+-]?\d{1,15}\s*$/.test(text) ? Number(text) : null)

/** Any process may be renamed by its own threads only. */
const comm = (context: PidContext): PseudoText =>
  both(context, 0o644, (task) => `${task.comm}\n`, (task, data) => {
    if (!sameThreadGroup(task, context.machine.current.task)) return -EINVAL
    set_task_comm(context.machine, task, data.replace(/[\0\n].*$/s, ''))
    return new TextEncoder().encode(data).length
  })

const OOM_MIN = -1000
const OOM_MAX = 1000

/** Lower than the lowest an administrator has set needs CAP_SYS_RESOURCE. */
const oomScoreAdj = (context: PidContext): PseudoText =>
  both(context, 0o644, (task) => `${signalOf(task).oom_score_adj}\n`, (task, data) => {
    const { lsm, current, tracing: { points: { oom_score_adj_update } } } = context.machine
    const value = parseInteger(data)
    if (value === null || value < OOM_MIN || value > OOM_MAX) return -EINVAL
    const signal = signalOf(task)
    if (value < signal.oom_score_adj_min && !capable(lsm, current, CAP_SYS_RESOURCE)) return -EACCES
    signal.oom_score_adj = value
    if (has_ns_capability_noaudit(lsm, current.task, context.machine.init_user_ns, CAP_SYS_RESOURCE))
      signal.oom_score_adj_min = value
    if (oom_score_adj_update.on) oom_score_adj_update.hit(task)
    return data.length
  })

/** Set once by the program that logs a user in; unset is 4294967295. */
const loginuid = (context: PidContext): PseudoText =>
  both(
    context, 0o644,
    (task) => String(from_kuid_munged(context.machine.current.task.cred.user_ns, task.loginuid, INVALID_UID)),
    (task, data, pos, { file }) => {
      if (task !== context.machine.current.task) return -EPERM
      if (pos !== 0) return -EINVAL
      const value = parseInteger(data)
      if (value === null || value < 0 || value > INVALID_UID) return -EINVAL
      const kuid = value === INVALID_UID ? INVALID_UID : make_kuid(file.f_cred.user_ns, value)
      if (value !== INVALID_UID && !uid_valid(kuid)) return -EINVAL
      const rc = setLoginuid(context.machine, kuid)
      return rc < 0 ? rc : data.length
    },
  )

const userNsOf = ({ pid }: PidContext): UserNamespace | number =>
  pid.task === null ? -EINVAL : pid.task.real_cred.user_ns

/** `first lower count` in columns of ten, as the opener counts the lower ids. */
const idMap = (context: PidContext, kind: 'uid_map' | 'gid_map'): PseudoText =>
  both(
    context,
    0o644,
    (_task, { file, state }) => {
      const ns = state as UserNamespace
      const opener = file.f_cred.user_ns
      const view = opener === ns && ns.parent !== null ? ns.parent : opener
      const lower = (id: number): number => (kind === 'uid_map' ? from_kuid(view, id) : from_kgid(view, id))
      const column = (n: number): string => String(n).padStart(10)
      return ns[kind].map((e) => `${column(e.first)} ${column(lower(e.lower_first))} ${column(e.count)}\n`).join('')
    },
    (_task, data, pos, { file, state }) =>
      context.machine.userNs.writeIdMap(state as UserNamespace, file, kind, data, pos),
    (io) => {
      const ns = userNsOf(context)
      if (typeof ns === 'number') return ns
      io.state = ns
      return 0
    },
  )

const setgroups = (context: PidContext): PseudoText =>
  both(
    context, 0o644,
    (_task, { state }) => ((state as UserNamespace).flags & USERNS_SETGROUPS_ALLOWED ? 'allow\n' : 'deny\n'),
    (_task, data, pos, { state }) => context.machine.userNs.writeSetgroups(state as UserNamespace, data, pos),
    (io) => {
      const ns = userNsOf(context)
      if (typeof ns === 'number') return GONE
      const { lsm, current } = context.machine
      if (io.file.f_mode & FMODE_WRITE && !ns_capable(lsm, current, ns, CAP_SYS_ADMIN)) return -EACCES
      io.state = ns
      return 0
    },
  )

const timensOffsets = (context: PidContext): PseudoText =>
  both(
    context, 0o644,
    (task) => timensOffsetsText(threadOf(task).nsproxy.time_ns_for_children),
    (task, data, pos, { file }) => {
      const { machine } = context
      return writeTimensOffsets(machine.lsm, machine, threadOf(task).nsproxy.time_ns_for_children, file, data, pos)
    },
  )

/** For readers who may trace the process (`lock_trace`). */
const traceText = (context: PidContext, text: (task: Task) => string): PseudoText =>
  one(context, 0o400, (task) =>
    context.machine.ptrace.may_access(task, PTRACE_MODE_ATTACH_FSCREDS) ? text(task) : -EPERM)

/** The slack of another task's timers takes CAP_SYS_NICE over it, and is the scheduler's as LSMs see it. */
const timerslack = (context: PidContext): PseudoText => {
  const { lsm, current } = context.machine
  const allowed = (task: Task, ask: (task: Task) => number): number => {
    if (task === current.task) return 0
    return ns_capable(lsm, current, task.cred.user_ns, CAP_SYS_NICE) ? ask(task) : -EPERM
  }
  const show = (task: Task): string | number => {
    const rc = allowed(task, (of) => lsm.task_getscheduler.ask(of))
    return rc !== 0 ? rc : `${threadOf(task).timer_slack_ns}\n`
  }
  return both(context, 0o666, show, (task, data) => {
    const value = parseInteger(data)
    if (value === null || value < 0) return -EINVAL
    const rc = allowed(task, (of) => lsm.task_setscheduler.ask(of))
    if (rc !== 0) return rc
    const thread = threadOf(task)
    thread.timer_slack_ns = value === 0 ? thread.default_timer_slack_ns : value
    return data.length
  })
}

/** Bytes read and written, which are not counted here; for readers who may look into the task. */
const io = (context: PidContext): PseudoText =>
  one(context, 0o400, (task) =>
    context.machine.ptrace.may_access(task, PTRACE_MODE_READ_FSCREDS)
      ? 'rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n'
      : -EACCES)

/** The kernel stack, which is always empty; for readers with CAP_SYS_ADMIN who may trace the task. */
const stack = (context: PidContext): PseudoText =>
  one(context, 0o400, (task) => {
    const { lsm, current, init_user_ns, ptrace } = context.machine
    if (!ns_capable(lsm, current, init_user_ns, CAP_SYS_ADMIN)) return -EACCES
    return ptrace.may_access(task, PTRACE_MODE_ATTACH_FSCREDS) ? '' : -EPERM
  })

/** The function that the task sleeps in, which is unknown: 0 for all readers. */
const wchan = (context: PidContext): PseudoText =>
  one(context, 0o444, (task) => {
    context.machine.ptrace.may_access(task, PTRACE_MODE_READ_FSCREDS)
    return '0'
  })

type Entry = (context: PidContext) => PseudoNode

/** Of processes and of threads alike. */
const COMMON: Readonly<Record<string, Entry>> = {
  fd: (c) => ({ ...fdNode(c), mode: 0o500 }),
  fdinfo: (c) => ({ ...fdinfoNode(c), mode: 0o555 }),
  ns: (c) => ({ ...nsDir(c), mode: 0o511 }),
  environ: (c) => ({ ...environNode(c), mode: 0o400, ...pidNode(c) }),
  auxv: (c) => ({ ...auxvNode(c), mode: 0o400, ...pidNode(c) }),
  status: (c) => ({ ...one(c, 0o444, () => statusText(c)) }),
  personality: (c) => traceText(c, (task) => `${task.personality.toString(16).padStart(8, '0')}\n`),
  limits: (c) => one(c, 0o444, () => limitsText(c)),
  comm,
  io,
  stack,
  syscall: (c) => traceText(c, () => 'running\n'),
  cmdline: (c) => one(c, 0o444, () => cmdlineText(c)),
  statm: (c) => one(c, 0o444, () => statmText(c)),
  maps: (c) => ({ ...mapsNode(c), mode: 0o444, ...pidNode(c) }),
  smaps: (c) => ({ ...smapsNode(c), mode: 0o444, ...pidNode(c) }),
  pagemap: (c) => ({ ...pagemapNode(c), mode: 0o400, ...pidNode(c) }),
  mem: (c) => ({ ...memNode(c), mode: 0o600, ...pidNode(c) }),
  cwd: (c) => ({ ...placeLink(c, (task) => task.fs?.pwd ?? -ENOENT), mode: 0o777 }),
  root: (c) => ({ ...placeLink(c, (task) => task.fs?.root ?? -ENOENT), mode: 0o777 }),
  exe: (c) => ({
    ...placeLink(c, (task) => (task.mm === null ? -ENOENT : (spaceOf(task.mm).exe_file?.f_path ?? -ENOENT))),
    mode: 0o777,
  }),
  mounts: (c) => pieces(c, 0o444, (task) => mountsText(c.machine, task)),
  mountinfo: (c) => pieces(c, 0o444, (task) => mountinfoText(c.machine, task)),
  mountstats: (c) => pieces(c, 0o400, (task) => mountstatsText(task)),
  attr: (c) => ({ ...attrDir(c), mode: 0o555 }),
  wchan,
  cpuset: (c) => one(c, 0o444, () => '/\n'),
  cgroup: (c) => one(c, 0o444, (task) => c.machine.cgroups.procText(task)),
  oom_score: (c) =>
    one(c, 0o444, (task) => `${Math.max(0, 666 + Math.floor((signalOf(task).oom_score_adj * 2) / 3))}\n`),
  oom_score_adj: oomScoreAdj,
  loginuid,
  sessionid: (c) => one(c, 0o444, (task) => String(task.sessionid)),
  uid_map: (c) => idMap(c, 'uid_map'),
  gid_map: (c) => idMap(c, 'gid_map'),
  setgroups,
  timens_offsets: timensOffsets,
}

const PROCESS: Readonly<Record<string, Entry>> = {
  task: (c) => taskDir(c),
  map_files: (c) => ({ ...mapFilesNode(c), mode: 0o500 }),
  ...COMMON,
  stat: (c) => one(c, 0o444, () => statText(c, true)),
  timerslack_ns: timerslack,
}

const THREAD: Readonly<Record<string, Entry>> = {
  ...COMMON,
  stat: (c) => one(c, 0o444, () => statText(c, false)),
  children: (c) => one(c, 0o444, (task) =>
    [...threadOf(task).children].map((child) => `${threadOf(child).pid.nr(c.instance.ns)} `).join('')),
}

const entries = (context: PidContext, table: Readonly<Record<string, Entry>>): PseudoDir => {
  const common = pidNode(context)
  return {
    kind: 'dir',
    mode: 0o555,
    find: (name) => (context.pid.task === null ? -ENOENT : Object.hasOwn(table, name) ? table[name]!(context) : null),
    names: () => Object.keys(table),
    ...common,
    made(inode) {
      inode.i_flags |= S_IMMUTABLE
      const rc = common.made(inode)
      if (rc === 0) (context.pid.procInodes ??= new Set()).add(inode)
      return rc
    },
    gone: (inode) => void context.pid.procInodes?.delete(inode),
  }
}

/** The directory of a process, closed to whom hidepid keeps out. */
export const pidDir = (context: PidContext): PseudoDir => ({
  ...entries(context, PROCESS),
  permission(inode, mask) {
    const { machine, instance, pid } = context
    if (pid.task === null) return GONE
    if (!mayKnow(machine, instance, pid.task, HIDEPID_NO_ACCESS))
      return instance.hidepid === HIDEPID_INVISIBLE ? -ENOENT : -EPERM
    return machine.vfs.generic_permission(nop_mnt_idmap, inode, mask)
  },
})

/** Threads of the process by rising number, from one on. */
function* threadPids({ pid, instance }: PidContext, first: number): Generator<readonly [nr: number, name: string]> {
  for (const each of instance.ns.numbers.values(first)) {
    const nr = each.nr(instance.ns)
    if (pid.task !== null && each.task !== null && sameThreadGroup(pid.task, each.task)) yield [nr, String(nr)]
  }
}

const taskDir = (context: PidContext): PseudoDir => ({
  kind: 'dir',
  mode: 0o555,
  find(name) {
    if (context.pid.task === null) return -ENOENT
    const pid = context.instance.ns.find(nameToInt(name))
    const isOwn = pid !== null && pid.task !== null && sameThreadGroup(pid.task, context.pid.task)
    return isOwn ? entries({ ...context, pid }, THREAD) : -ENOENT
  },
  namesFrom: (pos) => threadPids(context, pos),
  ...pidNode(context),
})
