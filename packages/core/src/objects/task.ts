/** Tasks and what they execute (include/linux/{sched,binfmts}.h). */
import type { Cred } from './cred.ts'
import { num, numGiven, opt, part, ptr } from './field.ts'
import type { ObjectOf } from './field.ts'
import type { File, FilesStruct, FsStruct } from './fs.ts'
import type { Mm } from './mm.ts'
import type { Secured, Security } from './secured.ts'

/** The state that threads of one process share (`struct signal_struct`): the parts that security code looks at. */
export interface SignalStruct {
  /** Process group and session ids as seen in the initial pid namespace. */
  pgid: number
  /** Session id as seen in the initial pid namespace. */
  sid: number
  /** Soft and hard limits by `RLIMIT_*` number; RLIM_INFINITY is Infinity. To change one, put another in its place. */
  rlim: Readonly<Rlimit>[]
  /** -1000 (never) to 1000 (first): how likely the process is killed when memory runs out. */
  oom_score_adj: number
  /** Whether orphans below it become its children. */
  is_child_subreaper: boolean
}

/** `struct task_struct`: one thread. */
export const taskFields = {
  /** Thread id as seen in the initial pid namespace. */
  pid: numGiven('pid_t'),
  /** Process id as seen in the initial pid namespace. */
  tgid: numGiven('pid_t'),
  /** Name of the program, at most 15 bytes. The program may choose it: do not trust it. */
  comm: part('char[16]', () => ''),
  /** `PF_*` flags: PF_KTHREAD, PF_EXITING. */
  flags: num('unsigned int'),
  /** `PT_*` flags; not 0 while traced. */
  ptrace: num('unsigned int'),
  /** 0 while it lives, EXIT_ZOMBIE or EXIT_DEAD after. */
  exit_state: num('int'),
  /** The exit status for wait(2). */
  exit_code: num('int'),
  /** The signal it gets when its parent ends; 0 for none. */
  pdeath_signal: num('int'),
  /** Personality bits: READ_IMPLIES_EXEC, ADDR_NO_RANDOMIZE. */
  personality: num('unsigned int'),
  /** `PFA_*` bits; bit 0 is PFA_NO_NEW_PRIVS. */
  atomic_flags: num('unsigned long'),
  /** 100 to 139: nice value plus 120. */
  static_prio: num('int', 120),
  /** SCHED_NORMAL, SCHED_FIFO and so on. */
  policy: num('unsigned int'),
  /** 1 to 99 under SCHED_FIFO and SCHED_RR, 0 otherwise. */
  rt_priority: num('unsigned int'),
  /** I/O class in the upper three bits, level below. */
  ioprio: num('int'),
  /** 1 while it is in execve. */
  in_execve: num('u8'),
  /** The login user, a kuid, for audit; 4294967295 if nobody has logged in. */
  loginuid: num('kuid_t', 0xffffffff),
  /** Session of audit; 4294967295 for none. */
  sessionid: num('unsigned int', 0xffffffff),
  /** Objective credentials: what others act upon. */
  real_cred: ptr<Cred>('const struct cred *'),
  /** Subjective credentials: what the task acts with; differs only while overridden. */
  cred: ptr<Cred>('const struct cred *'),
  /** The credentials of the tracer when it attached; null when untraced (kernel: ptracer_cred). */
  ptracer_cred: opt<Cred>('const struct cred *'),
  /** The task that made it, or took it over; null for the first task. */
  real_parent: opt<Task>('struct task_struct *'),
  /** The task that waits for it: the tracer while it is traced. */
  parent: opt<Task>('struct task_struct *'),
  /** The first thread of its process. */
  group_leader: opt<Task>('struct task_struct *'),
  /** Its address space; null for kernel threads and after exit. */
  mm: opt<Mm>('struct mm_struct *'),
  /** Root, working directory and umask; null after exit. */
  fs: opt<FsStruct>('struct fs_struct *'),
  /** Open files by descriptor; null after exit. */
  files: opt<FilesStruct>('struct files_struct *'),
  /** The state that the threads of its process share. */
  signal: opt<SignalStruct>('struct signal_struct *'),
  /** The host's own state of this thread (signal handlers, namespaces, children…); LSMs do not look. */
  thread: opt<object>('void *'),
  /** State of the LSMs; read it with your accessor. */
  security: opt<Security>('void *'),
}
/** A thread: ids, name, credentials, limits (`struct task_struct`). `current.task` is the one that makes the call. */
export interface Task extends ObjectOf<typeof taskFields>, Secured {}

/** `struct linux_binprm`: one execve in progress. */
export interface Binprm {
  /** The credentials being built; null only before prepare_bprm_creds. */
  cred: Cred
  /** The file to run: the binary, or the interpreter once a script has been resolved. */
  file: File
  /** The script, while its interpreter is looked up; null otherwise. */
  executable: File | null
  /** The name as execve was given it. */
  filename: string
  /** The name of what will run: the interpreter of a script. */
  interp: string
  /** `LSM_UNSAFE_*` (SHARE 1, PTRACE 2, NO_NEW_PRIVS 4). */
  unsafe: number
  /** Personality bits to clear when privilege rises. */
  per_clear: number
  /** Becomes AT_SECURE. */
  secureexec: boolean
  /** How many arguments there are. */
  argc: number
  /** How many environment variables there are. */
  envc: number
  /** First BINPRM_BUF_SIZE (256) bytes of the file. */
  buf: Uint8Array
  /** The new address space; null before it is made. */
  mm: Mm | null
  /** Whether execve can no longer fail: an error then kills the task. */
  point_of_no_return: boolean
  /** The caller asked only whether it could execute (AT_EXECVE_CHECK; not in 6.12). */
  is_check: boolean
}

/** `struct kernel_siginfo`, the fields hooks read. */
export interface KernelSiginfo {
  /** The signal. */
  si_signo: number
  /** An errno that goes with it; mostly 0. */
  si_errno: number
  /** SI_USER, SI_KERNEL and so on: where it comes from. */
  si_code: number
  /** Process id of the sender. */
  si_pid: number
  /** Real user id of the sender. */
  si_uid: number
}

/** A soft and a hard limit of getrlimit(2) (`struct rlimit`). */
export interface Rlimit {
  /** Soft limit; RLIM_INFINITY is Infinity. */
  rlim_cur: number
  /** Hard limit; RLIM_INFINITY is Infinity. */
  rlim_max: number
}
