/** The kernel behind programs: it knows tasks, files, users' memory and time. */

/** The running task as helpers describe it. */
export interface TaskFacts {
  readonly pid: number
  readonly tgid: number
  readonly uid: number
  readonly gid: number
  readonly comm: string
}

/** Control groups; each is known by the address of its `struct cgroup`. */
export interface GroupHost {
  readonly ofTask: (task: number) => number
  readonly id: (group: number) => number
  /** 0 when there is none of that id. */
  readonly fromId: (id: number) => number
  /** Steps below the root. */
  readonly level: (group: number) => number
  /** 0 above the root. */
  readonly parent: (group: number) => number
  readonly children: (group: number) => readonly number[]
  /** Whether a group is the other or below it. */
  readonly isUnder: (group: number, above: number) => boolean
  /** Of what a CGROUP_ARRAY holds. */
  readonly of: (held: object) => number
}

/** A part of a task's memory. */
export interface Area {
  readonly start: bigint
  readonly end: bigint
  /** Of its `struct vm_area_struct`. */
  readonly address: () => number
}

/**
 * Questions to the kernel behind the programs. Addresses are of kernel objects in the machine's memory. Every member
 * may be left out: then there is nobody to ask, and the helper answers as on a machine without it.
 */
export interface ProgramHost {
  /** Address of current's task_struct. */
  readonly task?: () => number
  readonly facts?: () => TaskFacts
  readonly groups?: GroupHost
  /** Leaders of all processes, the idle task first; threads of a process, its leader first. */
  readonly processes?: () => readonly number[]
  readonly threads?: (task: number) => readonly number[]
  /** The task of a number in the initial name space, 0 when there is none. */
  readonly taskOf?: (pid: number) => number
  /** The mappings of a task, in order; null if it has no memory. */
  readonly areas?: (task: number) => readonly Area[] | null
  /** `struct pt_regs` of the call that a task is in; 0 where it is in none. */
  readonly registersOf?: (task: number) => number
  /** An extended attribute that the running task may read: -EACCES, -ENODATA, -EOPNOTSUPP. */
  readonly xattr?: (object: number, kind: 'file' | 'dentry', name: string) => Uint8Array | number
  /** Id of the group that the running program is attached to, and its attach type. */
  readonly attachedTo?: () => { readonly group: number; readonly type: number }
  /** Copies from the running task's memory: 0 or -EFAULT. */
  readonly readUser?: (address: number, into: Uint8Array) => number
  /** The same of another task. */
  readonly readTask?: (task: number, address: number, into: Uint8Array) => number
  readonly writeUser?: (address: number, bytes: Uint8Array) => number
  /** Nanoseconds since boot; from 0 when not given. */
  readonly now?: () => number
  /** One line of the trace pipe, without its line feed. */
  readonly trace?: (text: string) => void
  /** Path of a `struct path`, null when it has none. */
  readonly path?: (address: number) => string | null
  /** Sends the signal to the running process, or only to its thread: 0 or -errno. */
  readonly signal?: (signal: number, thread: boolean) => number
  /** Secure-exec of a `struct linux_binprm`. */
  readonly secureExec?: (bprm: number, on: boolean) => void
  /** SHA-256 of the content of a file, null when there is none. */
  readonly hash?: (object: number, kind: 'file' | 'inode') => Uint8Array | null
  /** `struct file *` of the program that a task runs, 0 when it has none. */
  readonly exeFile?: (task: number) => number
  /** `struct socket *` of a file, `struct sock *` and other networking: 0 if the file is not a socket. */
  readonly socketOfFile?: (file: number) => number
  /** An option of SOL_SOCKET whose value is an int, of the `struct sock` at that address: 0 or -errno. */
  readonly setSockOption?: (sock: number, name: number, value: number) => number
  readonly getSockOption?: (sock: number, name: number, out: { value: number }) => number
  /** Appends to the `struct seq_file` at that address: 0 or -errno. */
  readonly seqWrite?: (seq: number, bytes: Uint8Array) => number
  /** The return value that programs attached to control groups get and set. */
  readonly retval?: { get(): number; set(value: number): number }
  /** Of the program that runs. */
  readonly cookie?: () => number
  /**
   * Calls a callback of programs later, for timers: what to do, in nanoseconds from now. Gives the way to stop it, null
   * when it cannot.
   */
  readonly later?: (nanoseconds: number, run: () => void) => (() => void) | null
  /** A map of storages begins and ends to keep a value for the object at `owner`. */
  readonly kept?: (map: { readonly address: number }, owner: number, isThere: boolean) => void
  /** A callback that ran later was stopped. */
  readonly fault?: (error: unknown) => void
}
