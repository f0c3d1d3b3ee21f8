/** Members of tasks and of what tasks share: processes, signals, descriptors, memory. */
import type { File, FilesStruct, KernelSiginfo, Mm, Rlimit, Task } from '@lsmkit/core'
import { ring, Within } from './within.ts'

/** What a kernel keeps for a process (`Task.signal`), as far as programs look at it; others may have nothing there. */
interface KernelSignal {
  readonly threads?: ReadonlySet<Task>
  readonly rlim: readonly Rlimit[]
  readonly stopped?: number
  readonly notify?: string | null
  readonly group_exit?: number | null
  readonly unkillable?: boolean
  readonly pgrp?: object
  readonly session?: object
  readonly shared_pending?: { readonly set: bigint }
  /** Milliseconds. */
  readonly cutime?: number
  readonly cstime?: number
}

interface SigAction {
  readonly handler: unknown
  readonly flags: number
  readonly mask: bigint
}

/** What a kernel keeps for a thread, beside the fields of members.ts. */
interface KernelThread {
  readonly state?: 'running' | 'stopped' | 'traced'
  readonly children?: ReadonlySet<Task>
  readonly ptraced?: ReadonlySet<Task>
  readonly pending?: { readonly set: bigint }
  readonly blocked?: bigint
  readonly seccomp?: number
  readonly cpus?: bigint
  readonly stop_dequeued?: boolean
  readonly listening?: boolean
  readonly trap_pending?: boolean
  readonly registers?: object | null
}

const threadOf = ({ thread }: Task): KernelThread => (thread ?? {}) as KernelThread

/** `sigset_t`. */
const sigset = (set: bigint | undefined): object => ({ sig: [set ?? 0n] })

/** `TASK_*` of include/linux/sched.h; a task that waits for something may go on at any time. */
const RUNNING = 0
const TASK_STOPPED = 0x104
const TASK_TRACED = 8
const TASK_DEAD = 0x80

const stateOf = (task: Task): number => {
  if (task.exit_state !== 0) return TASK_DEAD
  const { state } = threadOf(task)
  return state === 'stopped' ? TASK_STOPPED : state === 'traced' ? TASK_TRACED : RUNNING
}

/** `JOBCTL_*` of include/linux/sched/jobctl.h. */
const jobctlOf = (task: Task): number => {
  const { state, stop_dequeued = false, listening = false, trap_pending = false } = threadOf(task)
  const bit = (on: boolean, at: number): number => (on ? 2 ** at : 0)
  return bit(stop_dequeued, 16) + bit(trap_pending, 19) + bit(listening, 22) + bit(state === 'stopped', 26) +
    bit(state === 'traced', 27)
}

const TIF_SIGPENDING = 1 << 2
const SYSCALL_WORK_SECCOMP = 1

const threadInfo = (task: Task): object => {
  const { pending, blocked = 0n, seccomp = 0 } = threadOf(task)
  const waiting = (pending?.set ?? 0n) | ((task.signal as KernelSignal | null)?.shared_pending?.set ?? 0n)
  return {
    flags: (waiting & ~blocked) === 0n ? 0 : TIF_SIGPENDING, status: 0,
    syscall_work: seccomp === 0 ? 0 : SYSCALL_WORK_SECCOMP,
  }
}

/** Highest priority is 0; SCHED_DEADLINE has -1. */
const MAX_RT_PRIO = 100
const SCHED_DEADLINE = 6
const prioOf = ({ policy, rt_priority, static_prio }: Task): number =>
  policy === SCHED_DEADLINE ? -1 : rt_priority > 0 ? MAX_RT_PRIO - 1 - rt_priority : static_prio

const bitsOf = (set: bigint): number => {
  let count = 0
  for (let rest = set; rest !== 0n; rest &= rest - 1n) count++
  return count
}

/** The list in a parent, through a member of each child: both ends lead back to the parent. */
const listHead = (parent: object, struct: string, own: string, of: readonly Task[], through: string): object => {
  const end = new Within(parent, struct, own)
  const [first] = of
  const last = of.at(-1)
  return ring(
    first === undefined ? end : new Within(first, 'task_struct', through),
    last === undefined ? end : new Within(last, 'task_struct', through))
}

/** The neighbours of one in such a list. */
const listNode = (
  task: Task, of: readonly Task[], through: string, parent: object | null, struct: string, own: string,
): object => {
  const at = of.indexOf(task)
  const self = new Within(task, 'task_struct', through)
  if (at < 0) return ring(self, self)
  const to = (index: number): Within => {
    const other = of[index]
    return other !== undefined ? new Within(other, 'task_struct', through)
      : parent === null ? self : new Within(parent, struct, own)
  }
  return ring(to(at + 1), to(at - 1))
}

const childrenOf = (task: Task | null): readonly Task[] => [...(task === null ? [] : threadOf(task).children ?? [])]
const threadsOf = ({ signal }: Task): readonly Task[] => [...((signal as KernelSignal | null)?.threads ?? [])]

/** Bytes of a stack, of `struct pt_regs` at its end, and of the room behind that (THREAD_SIZE). */
const THREAD_SIZE = 16384
const PT_REGS_SIZE = 168
const STACK_PADDING = 16

/** The registers of the call that a task is in; nobody notes them unless a program looks. */
export const registersOf = (task: Task): object | null => threadOf(task).registers ?? null

const stackOf = (task: Task): Within | null => {
  const registers = registersOf(task)
  return registers === null ? null
    : new Within(registers, 'pt_regs', '', PT_REGS_SIZE + STACK_PADDING - THREAD_SIZE)
}

export const taskMembers = {
  thread_info: threadInfo, __state: stateOf, jobctl: jobctlOf, stack: { within: stackOf },
  children: (task: Task) => listHead(task, 'task_struct', 'children', childrenOf(task), 'sibling'),
  sibling: (task: Task) =>
    listNode(task, childrenOf(task.real_parent), 'sibling', task.real_parent, 'task_struct', 'children'),
  thread_node: (task: Task) =>
    listNode(task, threadsOf(task), 'thread_node', task.signal, 'signal_struct', 'thread_head'),
  sighand: (task: Task) => (task.thread as { sighand?: object } | null)?.sighand,
  blocked: (task: Task) => sigset(threadOf(task).blocked),
  pending: (task: Task) => ({ signal: sigset(threadOf(task).pending?.set) }),
  seccomp: (task: Task) => ({ mode: threadOf(task).seccomp }),
  frozen: (task: Task) => (task.thread as { frozen?: boolean } | null)?.frozen,
  sched_reset_on_fork: (task: Task) => (task.thread as { sched_reset_on_fork?: boolean } | null)?.sched_reset_on_fork,
  ptrace_message: (task: Task) => (task.thread as { ptrace_message?: number } | null)?.ptrace_message,
  last_siginfo: (task: Task) => (task.thread as { last_siginfo?: object | null } | null)?.last_siginfo,
  timer_slack_ns: (task: Task) => (task.thread as { timer_slack_ns?: number } | null)?.timer_slack_ns,
  default_timer_slack_ns: (task: Task) =>
    (task.thread as { default_timer_slack_ns?: number } | null)?.default_timer_slack_ns,
  prio: prioOf, normal_prio: prioOf,
  nr_cpus_allowed: (task: Task) => bitsOf(threadOf(task).cpus ?? 0n),
  cpus_mask: (task: Task) => ({ bits: [threadOf(task).cpus ?? 0n] }),
}

/** `SIGNAL_*` of include/linux/sched/signal.h. */
const signalFlags = ({ stopped = 0, notify, group_exit = null, unkillable = false }: KernelSignal): number =>
  (stopped === 0 ? 0 : 1) | (notify === 'continued' ? 2 : 0) | (group_exit === null ? 0 : 4) | (unkillable ? 0x40 : 0)

const leaderOf = ({ threads }: KernelSignal): Task | null => [...(threads ?? [])][0] ?? null
const nanoseconds = (milliseconds: number | undefined): number => (milliseconds ?? 0) * 1_000_000

export const signalMembers = {
  sigcnt: ({ threads }: KernelSignal) => threads?.size, nr_threads: ({ threads }: KernelSignal) => threads?.size,
  thread_head: (signal: KernelSignal) =>
    listHead(signal, 'signal_struct', 'thread_head', [...(signal.threads ?? [])], 'thread_node'),
  shared_pending: ({ shared_pending }: KernelSignal) => ({ signal: sigset(shared_pending?.set) }),
  group_exit_code: ({ group_exit, stopped }: KernelSignal) => group_exit ?? stopped,
  flags: signalFlags,
  pids: (signal: KernelSignal) => {
    const leader = leaderOf(signal)
    return [null, (leader?.thread as { pid?: object } | undefined)?.pid ?? null, signal.pgrp, signal.session]
  },
  cutime: ({ cutime }: KernelSignal) => nanoseconds(cutime), cstime: ({ cstime }: KernelSignal) => nanoseconds(cstime),
}

const SIGNALS = 64
const DEFAULT: SigAction = { handler: 'default', flags: 0, mask: 0n }
/** A handler has no address that a program could call: all of them read as the first number that is no special one. */
const HANDLER = 2

export const sighandMembers = {
  sighand_struct: {
    // number 1 is the first
    action: ({ action }: { readonly action: readonly (SigAction | null)[] }) =>
      Array.from({ length: SIGNALS }, (_, at) => action[at + 1] ?? DEFAULT),
  },
  k_sigaction: { sa: null },
  sigaction: {
    sa_handler: ({ handler }: SigAction) => (handler === 'default' ? 0 : handler === 'ignore' ? 1 : HANDLER),
    sa_flags: ({ flags }: SigAction) => flags, sa_mask: ({ mask }: SigAction) => sigset(mask),
  },
}

/** Least descriptors of a table. */
const LEAST = 64
const WORD = 64

/** Sets of descriptors, 64 to a word. */
const bitmap = (length: number, has: (fd: number) => boolean): bigint[] => {
  const words: bigint[] = []
  for (let fd = 0; fd < length; fd++) if (has(fd)) words[fd >> 6] = (words[fd >> 6] ?? 0n) | (1n << BigInt(fd % WORD))
  return words
}

const lowestFree = ({ fd }: FilesStruct): number => {
  const free = fd.indexOf(null)
  return free < 0 ? fd.length : free
}

const inFiles = (member: string) => ({ within: (files: FilesStruct) => new Within(files, 'files_struct', member) })

export const filesMembers = {
  files_struct: {
    fdt: inFiles('fdtab'), fdtab: null, next_fd: lowestFree,
    fd_array: ({ fd }: FilesStruct): (File | null)[] => fd,
    open_fds_init: ({ fd }: FilesStruct) => bitmap(fd.length, (at) => fd[at] !== null),
    close_on_exec_init: ({ fd, close_on_exec }: FilesStruct) => bitmap(fd.length, (at) => close_on_exec[at] === true),
  },
  fdtable: {
    max_fds: ({ fd }: FilesStruct) => Math.max(LEAST, fd.length),
    fd: inFiles('fd_array'), open_fds: inFiles('open_fds_init'), close_on_exec: inFiles('close_on_exec_init'),
  },
}

/** Bits of `mm_struct.flags` that say who may read it. */
const MMF_DUMPABLE_MASK = 3

export const mmMembers = {
  mm_users: 'users', mm_count: ({ users }: Mm) => users, map_count: ({ vmas }: Mm) => vmas?.length,
  flags: ({ dumpable }: Mm) => dumpable & MMF_DUMPABLE_MASK,
}

/** The sender, at the place of the kind of signal. */
export const siginfoMembers = {
  _sifields: ({ si_pid, si_uid }: KernelSiginfo) => {
    const sender = { _pid: si_pid, _uid: si_uid }
    return { _kill: sender, _rt: sender, _sigchld: sender }
  },
}
