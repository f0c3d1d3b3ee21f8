/** Processes, as the rest of the kernel sees them: credentials, namespaces, how they begin and end, timers. */
import type { Cred, File, FsStruct, Ref, Task, UserNamespace } from '@lsmkit/core'
import type { KernelTimer } from '../state/task/kernel-timer.ts'
import type { NsProxy, PlainNamespace } from '../state/task/namespaces.ts'
import type { Pid, PidNamespace } from '../state/task/pid.ts'
import type { Sighand } from '../state/task/thread.ts'
import type { FdTable } from '../state/vfs/fdtable.ts'
import type { MountNamespace } from '../state/vfs/mount.ts'
import type { WaitQueue } from '../state/vfs/wait.ts'

/** Which of the two maps of a namespace a text is for. */
export type IdMapKind = 'uid_map' | 'gid_map'

/** `struct kernel_clone_args`. `flags` of clone3 may go beyond 32 bits. */
export interface CloneArgs {
  readonly flags: number
  readonly exit_signal: number
  readonly pidfd?: Ref<number> | null
  readonly parent_tid?: Ref<number> | null
  readonly child_tid?: Ref<number> | null
  /** Wanted pids, innermost namespace first. */
  readonly set_tid?: readonly number[]
  /** CLONE_INTO_CGROUP: a descriptor of the group's directory. */
  readonly cgroup?: number | null
}

export interface Creds {
  get_cred(cred: Cred): Cred
  put_cred(cred: Cred): void
  put_cred_now(cred: Cred): void
  prepare_creds(): Cred | null
  prepare_exec_creds(): Cred | null
  commit_creds(next: Cred): number
  abort_creds(next: Cred): void
  override_creds(next: Cred): Cred
  revert_creds(old: Cred): void
  dropKeyring(next: Cred, slot: 'thread_keyring' | 'process_keyring' | 'request_key_auth'): void
  takeOver(next: Cred, old: Cred): void
  set_groups(next: Cred, gid: number[]): boolean
  cred_alloc_blank(user_ns: UserNamespace): Cred | null
  costOf(cred: Cred): number
}

export interface UserNs {
  create_user_ns(next: Cred): number
  get_user_ns(ns: UserNamespace): void
  put_user_ns(ns: UserNamespace): void
  heldBy(ns: UserNamespace): number
  writeIdMap(ns: UserNamespace, file: File, kind: IdMapKind, text: string, pos: number): number
  writeSetgroups(ns: UserNamespace, text: string, pos: number): number
}

export interface Namespaces {
  copy_namespaces(flags: number, task: Task, old: NsProxy): NsProxy | number
  unshare_namespaces(flags: number, user_ns: UserNamespace, fs: FsStruct): NsProxy | null | number
  install(own: NsProxy, flag: number, of: NsProxy, pid_ns: PidNamespace, user_ns: UserNamespace): NsProxy | number
  put_mnt_ns(ns: MountNamespace): void
  put_ipc_ns(ns: PlainNamespace): void
  put_net(ns: PlainNamespace): void
  endPlainNs(ns: PlainNamespace): void
  dropUnused(proxy: NsProxy): void
  enter(proxy: NsProxy): void
  switch_task_namespaces(task: Task, next: NsProxy): void
  exec_task_namespaces(task: Task): void
  exit_task_namespaces(task: Task): void
}

export interface Forks {
  copy_process(args: CloneArgs, trace: boolean): Task | number
  kernel_clone(args: CloneArgs): number
}

export interface Exits {
  exit_files(task: Task): void
  put_files_struct(table: FdTable): void
  exit_fs(task: Task): void
  exit_mm(task: Task): void
  do_exit(task: Task, code: number): void
  do_group_exit(task: Task, code: number): void
  release_task(task: Task): void
  detach(tracee: Task): void
  isGroupGone(leader: Task): boolean
  notify(task: Task): boolean
  takeLeadership(me: Task): void
  unshareSighand(sighand: Sighand): Sighand
  dieOf(task: Task, sig: number, core: boolean): void
}

export interface Pidfds {
  /** Registers its file system. */
  setUp(): void
  create(pid: Pid, flags: number): number
  pidOf(file: File): Pid | null
}

export interface Timers {
  intervalTimers(task: Task): readonly KernelTimer[]
  posixTimers(task: Task): Map<number, KernelTimer>
  signalTimer(task: Task, sig: number, now: () => number): KernelTimer
  arm(timer: KernelTimer, value: number, interval: number, absolute: boolean): void
  run(): void
  next(): number
}

export interface Deadlines {
  apart<T>(run: () => T): T
  untilOf(call: string, ms: number): number
  isSet(call: string): boolean
  sleep(call: string, wait: WaitQueue, ms: number, over: number): number
  forget(task?: Task): void
  ended(call: string, rc: number): number
}
