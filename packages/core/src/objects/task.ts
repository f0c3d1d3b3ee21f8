/** Tasks and what they execute (include/linux/{sched,binfmts}.h). */
import type { Cred } from './cred.ts'
import { num, numGiven, opt, part, ptr } from './field.ts'
import type { ObjectOf } from './field.ts'
import type { File, FilesStruct, FsStruct } from './fs.ts'
import type { Mm } from './mm.ts'
import type { Secured, Security } from './secured.ts'

/** What threads of one process share (`struct signal_struct`): the parts that security code looks at. */
export interface SignalStruct {
  /** Process group and session ids as seen in the initial pid namespace. */
  pgid: number
  sid: number
  /** Soft and hard limits by RLIMIT_* number; RLIM_INFINITY is Infinity. */
  rlim: { rlim_cur: number; rlim_max: number }[]
  oom_score_adj: number
  is_child_subreaper: boolean
}

/** `struct task_struct`: one thread. */
export const taskFields = {
  pid: numGiven('pid_t'),
  tgid: numGiven('pid_t'),
  comm: part('char[16]', () => ''),
  flags: num('unsigned int'),
  ptrace: num('unsigned int'),
  exit_state: num('int'),
  exit_code: num('int'),
  pdeath_signal: num('int'),
  personality: num('unsigned int'),
  /** PFA_* bits; bit 0 is PFA_NO_NEW_PRIVS. */
  atomic_flags: num('unsigned long'),
  static_prio: num('int', 120),
  policy: num('unsigned int'),
  rt_priority: num('unsigned int'),
  ioprio: num('int'),
  in_execve: num('u8'),
  loginuid: num('kuid_t', 0xffffffff),
  sessionid: num('unsigned int', 0xffffffff),
  /** Objective credentials: what others act upon. */
  real_cred: ptr<Cred>('const struct cred *'),
  /** Subjective credentials: what the task acts with; differs only while overridden. */
  cred: ptr<Cred>('const struct cred *'),
  /** Who attached, with the credentials it had then; null when untraced (kernel: ptracer_cred). */
  ptracer_cred: opt<Cred>('const struct cred *'),
  real_parent: opt<Task>('struct task_struct *'),
  parent: opt<Task>('struct task_struct *'),
  group_leader: opt<Task>('struct task_struct *'),
  mm: opt<Mm>('struct mm_struct *'),
  fs: opt<FsStruct>('struct fs_struct *'),
  files: opt<FilesStruct>('struct files_struct *'),
  signal: opt<SignalStruct>('struct signal_struct *'),
  /** The host's own state of this thread (signal handlers, namespaces, children…); LSMs do not look. */
  thread: opt<object>('void *'),
  security: opt<Security>('void *'),
}
export interface Task extends ObjectOf<typeof taskFields>, Secured {}

/** `struct linux_binprm`: one execve in progress. */
export interface Binprm {
  /** The credentials being built; null only before prepare_bprm_creds. */
  cred: Cred
  /** What will run: the binary, or the interpreter once a script has been resolved. */
  file: File
  /** The script, while its interpreter is looked up; null otherwise. */
  executable: File | null
  filename: string
  interp: string
  /** LSM_UNSAFE_* (SHARE 1, PTRACE 2, NO_NEW_PRIVS 4). */
  unsafe: number
  /** Personality bits to clear when privilege rises. */
  per_clear: number
  /** Becomes AT_SECURE. */
  secureexec: boolean
  argc: number
  envc: number
  /** First BINPRM_BUF_SIZE (256) bytes of the file. */
  buf: Uint8Array
  mm: Mm | null
  point_of_no_return: boolean
  /** The caller asked only whether it could execute (AT_EXECVE_CHECK; not in 6.12). */
  is_check: boolean
}

/** `struct kernel_siginfo`, the fields hooks read. */
export interface KernelSiginfo {
  si_signo: number
  si_errno: number
  si_code: number
  si_pid: number
  si_uid: number
}

export interface Rlimit {
  rlim_cur: number
  rlim_max: number
}
