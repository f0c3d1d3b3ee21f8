/** Credentials, user namespaces and the tasks that carry them (include/linux/{cred,sched,user_namespace}.h). */
import { CapSet } from '@lsmkit/abi'
import { num, numGiven, opt, part, ptr } from './field.ts'
import type { ObjectOf } from './field.ts'
import type { File, FilesStruct, FsStruct } from './fs.ts'
import type { Key } from './key.ts'
import type { Mm } from './mm.ts'
import type { Secured, Security } from './secured.ts'

/** One extent of a uid or gid map: `count` ids from `first` in the namespace are `lower_first`… in the initial one. */
export interface UidGidExtent {
  first: number
  lower_first: number
  count: number
}

/** A user namespace. The initial one has level 0, no parent, and is owned by uid 0. */
export interface UserNamespace {
  readonly parent: UserNamespace | null
  readonly level: number
  /** kuid and kgid of the creator (its effective ids). */
  owner: number
  group: number
  uid_map: readonly UidGidExtent[]
  gid_map: readonly UidGidExtent[]
  /** Whether the creator had CAP_SETFCAP in the parent: mapping uid 0 of the parent needs it. */
  parent_could_setfcap: boolean
  /** USERNS_SETGROUPS_ALLOWED is bit 0. */
  flags: number
}

/** Supplementary groups, sorted, kgids. Shared between creds and never changed in place. */
export interface GroupInfo {
  readonly gid: readonly number[]
}

/** `struct cred`. Ids are kuids and kgids: numbers of the initial namespace. */
export const credFields = {
  /** References; the last one's end is told by cred_free. */
  usage: num('long', 1),
  uid: num('kuid_t'),
  gid: num('kgid_t'),
  suid: num('kuid_t'),
  sgid: num('kgid_t'),
  euid: num('kuid_t'),
  egid: num('kgid_t'),
  fsuid: num('kuid_t'),
  fsgid: num('kgid_t'),
  securebits: num('unsigned int'),
  cap_inheritable: part('kernel_cap_t', () => new CapSet()),
  cap_permitted: part('kernel_cap_t', () => new CapSet()),
  cap_effective: part('kernel_cap_t', () => new CapSet()),
  cap_bset: part('kernel_cap_t', () => new CapSet()),
  cap_ambient: part('kernel_cap_t', () => new CapSet()),
  jit_keyring: num('u8'),
  session_keyring: opt<Key>('struct key *'),
  process_keyring: opt<Key>('struct key *'),
  thread_keyring: opt<Key>('struct key *'),
  request_key_auth: opt<Key>('struct key *'),
  security: opt<Security>('void *'),
  user_ns: ptr<UserNamespace>('struct user_namespace *'),
  group_info: part<GroupInfo>('struct group_info *', () => ({ gid: [] })),
}
export interface Cred extends ObjectOf<typeof credFields>, Secured {}

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
