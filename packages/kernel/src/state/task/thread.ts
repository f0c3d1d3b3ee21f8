/** State of a thread and of a process beside the fields that LSMs see. */
import { DEFAULT_PRIO, PR_TSC_ENABLE } from '@lsmkit/abi'
import type { KernelSiginfo, Registers, Rlimit, SignalStruct, Task } from '@lsmkit/core'
import type { AuditContext } from '../audit.ts'
import type { Cgroup } from '../cgroup/cgroup.ts'
import type { Pids } from '../cgroup/pids.ts'
import type { ExecImage } from '../exec/image.ts'
import { Holder } from '../host-memory.ts'
import type { MemoryAccount } from '../host-memory.ts'
import { WaitQueue } from '../vfs/wait.ts'
import type { NsProxy } from './namespaces.ts'
import type { Pid } from './pid.ts'
import { SigPending } from './sig-pending.ts'
import type { SigAction } from './sigset.ts'

/** `Task.thread`. */
export class Thread extends Holder {
  pid: Pid
  nsproxy: NsProxy
  /** Handlers by signal number, shared by CLONE_SIGHAND. */
  sighand: Sighand
  /** Signals for this thread alone. */
  readonly pending: SigPending = new SigPending(this)
  /** Blocked signals: bit n-1 is signal n. */
  blocked = 0n
  /** Sent to the parent at the end; -1 for threads that are not leaders. */
  exit_signal = 0
  /** `stopped` by a job control signal, `traced`: waits for its tracer. */
  state: 'running' | 'stopped' | 'traced' = 'running'
  /** The tracer may wait for this stop; taken by wait. */
  stop_status = 0
  /** Event message of the last ptrace stop. */
  ptrace_message = 0
  last_siginfo: KernelSiginfo | null = null
  /** A signal that the tracer let through. It comes before all others, and the tracer does not see it again. */
  injected: KernelSiginfo | null = null
  /** The stop is for a signal, which the tracer may change. */
  stop_takes_signal = false
  /** A stop signal was taken, and no SIGCONT has come since (JOBCTL_STOP_DEQUEUED). */
  stop_dequeued = false
  /** The tracer waits for what becomes of a stop and asks for nothing (PTRACE_LISTEN). */
  listening = false
  /** Stops again for its tracer as soon as it goes on (JOBCTL_TRAP_MASK). */
  trap_pending = false
  /** Children by birth, and tasks traced by this one, last attached first. */
  readonly children = new Set<Task>()
  readonly ptraced = new Set<Task>()
  self_exec_id = 0
  parent_exec_id = 0
  clear_child_tid: { value: number } | null = null
  set_child_tid: { value: number } | null = null
  timer_slack_ns = 50_000
  default_timer_slack_ns = 50_000
  sched_reset_on_fork = false
  /** PR_SET_TSC: whether it may read the processor's clock. */
  tsc: number = PR_TSC_ENABLE
  /** CPUs the thread may run on, bit n is CPU n. */
  cpus = 1n
  /** Of a task that was forked since the audit system was first on. */
  audit: AuditContext | null = null
  /** SECCOMP_MODE_*: 0 none, 1 strict, 2 filter. */
  seccomp = 0
  /** Bytes of the host's heap that its own filters take, without those of its parent. */
  filterBytes = 0
  /** One of its filters has a listener. */
  listener = false
  /** The program that the last exec loaded; null if the process has not executed one. */
  image: ExecImage | null = null
  /** Where it is in the hierarchy, also when it has exited, and what counts it. */
  cgroup: Cgroup
  pids: Pids
  /** The account that pays for the objects it makes. */
  memcg: MemoryAccount
  /** Those of the call that it is in, while a program looks at registers. */
  registers: Registers | null = null
  /** Waits in the freezer of its group. */
  frozen = false
  /** Milliseconds of the machine's clock at birth. */
  readonly start_time: number

  /** `bytes` have been charged to `account`. */
  constructor(
    account: MemoryAccount, bytes: number, pid: Pid, nsproxy: NsProxy, sighand: Sighand, cgroup: Cgroup,
    start_time: number,
  ) {
    super(account, bytes)
    this.pid = pid
    this.nsproxy = nsproxy
    this.sighand = sighand
    this.cgroup = cgroup
    this.pids = cgroup.effectivePids
    this.memcg = cgroup.effectiveMemory
    this.start_time = start_time
  }
}

export class Sighand {
  count = 1
  readonly action: (SigAction | null)[] = []
}

/** `Task.signal`: the state that the threads of a process share. */
export class Signal extends Holder implements SignalStruct {
  #group: Pid
  session: Pid
  /** Is the leader of its session. */
  leader = false
  /** Soft and hard limits by RLIMIT_* number; each is shared with the processes it came from, and replaced whole. */
  rlim: Readonly<Rlimit>[]
  oom_score_adj = 0
  oom_score_adj_min = 0
  is_child_subreaper = false
  has_child_subreaper = false
  /** The init of a pid namespace: signals without a handler do not reach it. */
  unkillable = false
  /** Threads that are not gone, leader first, and how many of them have not begun to exit. */
  readonly threads = new Set<Task>()
  live = 0
  readonly shared_pending: SigPending = new SigPending(this)
  /** A fatal signal or exit_group is ending all threads; the status they leave. */
  group_exit: number | null = null
  #stopSignal = 0
  /** A stop or continue that the parent may still wait for. */
  notify: 'stopped' | 'continued' | null = null
  /** Where wait calls of the process sleep, and calls that only a signal ends. */
  readonly wait_chldexit = new WaitQueue()
  /** Controlling terminal, as a device number; 0: none. */
  tty = 0
  /** Milliseconds used by children that were waited for. */
  cutime = 0
  cstime = 0

  /** `bytes` have been charged to `account`. */
  constructor(
    account: MemoryAccount, bytes: number, pgrp: Pid, session: Pid,
    rlim: readonly Readonly<Rlimit>[],
  ) {
    super(account, bytes)
    this.#group = pgrp
    this.session = session
    this.rlim = rlim.slice()
  }

  /** Its process group, which counts its members that are stopped. */
  get pgrp(): Pid {
    return this.#group
  }
  set pgrp(pgrp: Pid) {
    this.#countStopped(-1)
    this.#group = pgrp
    this.#countStopped(1)
  }

  /** The whole process is stopped by this signal, 0: it is not. */
  get stopped(): number {
    return this.#stopSignal
  }
  set stopped(sig: number) {
    this.#countStopped(-1)
    this.#stopSignal = sig
    this.#countStopped(1)
  }

  #countStopped(by: number): void {
    if (this.#stopSignal !== 0) this.#group.stopped += by
  }

  get pgid(): number {
    return this.pgrp.numbers[0]!
  }
  get sid(): number {
    return this.session.numbers[0]!
  }
}

/** `struct task_struct`, beyond what hooks see of it. */
export const threadOf = (task: Task): Thread => task.thread as Thread
/** `struct signal_struct`: what all threads of a process have in common. */
export const signalOf = (task: Task): Signal => task.signal as Signal
export const leaderOf = (task: Task): Task => task.group_leader as Task

export const isLeader = (task: Task): boolean => task.group_leader === task
export const sameThreadGroup = (a: Task, b: Task): boolean => a.signal === b.signal
/** As `task_nice`: -20 to 19. */
export const taskNice = (task: Task): number => task.static_prio - DEFAULT_PRIO
