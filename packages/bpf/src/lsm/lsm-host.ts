/** The facts about tasks, files and time on a stack for helpers. */
import { EFAULT, EINVAL, EOPNOTSUPP, MAY_READ } from '@lsmkit/abi'
import type { Binprm, CgroupTree, Current, Dentry, File, Host, Inode, Sock, Task } from '@lsmkit/core'
import { aFunction, anObject } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { ProgramHost } from '../helpers/run/index.ts'
import type { KernelObjects } from '../kobject/kernel-objects.ts'
import { noteStorage } from '../kobject/local-storage.ts'
import { groupHost, oneGroup } from './group-host.ts'
import { pathAt } from './paths.ts'
import { SeqFile } from './seq-file.ts'
import { sha256 } from '@lsmkit/core/sha256'
import { taskHost } from './task-host.ts'

/** Calls that a stack does not know and its kernel may offer. Each left out is answered as on a kernel without it. */
export interface KernelCalls {
  /** Copies bytes of a task's memory: 0 or -EFAULT. */
  readonly readUser?: (task: Task, address: number, into: Uint8Array) => number
  readonly writeUser?: (task: Task, address: number, bytes: Uint8Array) => number
  /** Nanoseconds since boot. */
  readonly now?: () => number
  readonly signal?: (task: Task, signal: number, thread: boolean) => number
  /** Content of a regular file, null when it cannot be read. */
  readonly content?: (inode: Inode) => Uint8Array | null
  /** Those of the kernel that was booted, or one group for all tasks, unless given. */
  readonly cgroups?: CgroupTree
  readonly later?: (nanoseconds: number, run: () => void) => () => void
}

export const kernelCallRules: OptionRules<KernelCalls> = {
  readUser: aFunction,
  writeUser: aFunction,
  now: aFunction,
  signal: aFunction,
  content: aFunction,
  cgroups: anObject,
  later: aFunction,
}

/** The parts that are bound late: an LSM is made before its stack. */
export interface LsmSurroundings {
  readonly current: () => Current
  readonly host: () => Host
  readonly objects: () => KernelObjects
  readonly trace: (text: string) => void
  /** Of the program attached to a control group that runs now. */
  readonly retval: NonNullable<ProgramHost['retval']>
  readonly cookie: () => number
  readonly attachedTo: NonNullable<ProgramHost['attachedTo']>
  /** A callback that ran later was stopped. */
  readonly fault: (error: unknown) => void
}

/** What the helpers of a stack stand on. */
class Surrounded {
  readonly current: () => Current
  readonly host: () => Host
  readonly objects: () => KernelObjects
  readonly kernel: KernelCalls

  constructor({ current, host, objects }: LsmSurroundings, kernel: KernelCalls) {
    this.current = current
    this.host = host
    this.objects = objects
    this.kernel = kernel
  }
}

const objectAt = ({ objects }: Surrounded, address: number): object | null => objects().objectAt(address)

const readTask = ({ kernel, host }: Surrounded, task: Task, address: number, into: Uint8Array): number =>
  kernel.readUser?.(task, address, into) ?? host().services?.access_process_vm(task, address, into, false) ?? -EFAULT

/** The running task, its memory, and signals to it. */
const currentHost = (of: Surrounded): Pick<ProgramHost, 'task' | 'facts' | 'readUser' | 'writeUser' | 'signal'> => {
  const { current, host, objects, kernel } = of
  return {
    task: () => objects().pointerTo(current().task, 'task_struct'),
    facts: () => {
      const { pid, tgid, comm, cred } = current().task
      return { pid, tgid, comm, uid: cred.uid, gid: cred.gid }
    },
    readUser: (address, into) => readTask(of, current().task, address, into),
    writeUser: (address, bytes) =>
      kernel.writeUser?.(current().task, address, bytes) ??
      host().services?.access_process_vm(current().task, address, bytes, true) ?? -EFAULT,
    signal: (signal, thread) => {
      const { task } = current()
      return kernel.signal?.(task, signal, thread) ?? host().services?.send_signal(task, signal, thread) ?? -EOPNOTSUPP
    },
  }
}

/** Other tasks and their files. */
const otherHost = (of: Surrounded): Pick<ProgramHost, 'readTask' | 'exeFile' | 'secureExec'> => ({
  readTask: (task, address, into) => {
    const object = objectAt(of, task)
    return object === null ? -EFAULT : readTask(of, object as Task, address, into)
  },
  exeFile: (task) => {
    const file = (objectAt(of, task) as Task | null)?.mm?.exe_file ?? null
    return file === null ? 0 : of.objects().pointerTo(file, 'file')
  },
  secureExec: (bprm, on) => {
    const object = objectAt(of, bprm) as Binprm | null
    if (object !== null) object.secureexec = on
  },
})

/** Attributes, content and paths of files, and what is written to seq_file. */
const fileHost = (of: Surrounded): Pick<ProgramHost, 'xattr' | 'path' | 'hash' | 'seqWrite'> => {
  const { host, objects, kernel } = of
  return {
    xattr: (address, kind, name) => {
      const object = objectAt(of, address)
      const inode = object === null ? null : kind === 'file' ? (object as File).f_inode : (object as Dentry).d_inode
      if (inode === null) return -EOPNOTSUPP
      const rc = host().services?.inode_permission(inode, MAY_READ) ?? 0
      return rc === 0 ? host().__vfs_getxattr(inode, name) : rc
    },
    path: (address) => pathAt(host(), objects(), address),
    hash: (address, kind) => {
      const object = objectAt(of, address)
      if (object === null) return null
      const inode = kind === 'file' ? (object as File).f_inode : (object as Inode)
      const content = kernel.content?.(inode) ??
        (kind === 'file' ? host().services?.contents_of(object as File) : null) ?? null
      return content === null ? null : sha256(content)
    },
    seqWrite: (address, bytes) => {
      const seq = objectAt(of, address)
      if (!(seq instanceof SeqFile)) return -EINVAL
      seq.write(bytes)
      return 0
    },
  }
}

const socketHost = (of: Surrounded): Pick<ProgramHost, 'socketOfFile' | 'setSockOption' | 'getSockOption'> => {
  const { host, objects } = of
  return {
    socketOfFile: (file) => {
      const object = objectAt(of, file) as File | null
      return object === null ? 0 : objects().pointerTo(host().SOCKET_I?.(object.f_inode) ?? null, 'socket')
    },
    setSockOption: (sock, name, value) => {
      const sk = objectAt(of, sock)
      return sk === null ? -EINVAL : (host().services?.set_sock_option(sk as Sock, name, value) ?? -EINVAL)
    },
    getSockOption: (sock, name, out) => {
      const sk = objectAt(of, sock)
      return sk === null ? -EINVAL : (host().services?.get_sock_option(sk as Sock, name, out) ?? -EINVAL)
    },
  }
}

export const lsmHost = (surroundings: LsmSurroundings, kernel: KernelCalls): ProgramHost => {
  const of = new Surrounded(surroundings, kernel)
  const { current, host, objects, trace, retval, cookie, attachedTo, fault } = surroundings
  const groups = (): CgroupTree => kernel.cgroups ?? host().services?.cgroups ?? oneGroup
  return {
    ...currentHost(of),
    ...otherHost(of),
    ...taskHost(current, host, objects),
    groups: groupHost(groups, objects, (address) => objectAt(of, address) as Task | null),
    ...fileHost(of),
    ...socketHost(of),
    now: () => kernel.now?.() ?? host().services?.ktime_get_ns() ?? performance.now() * 1e6,
    later: (nanoseconds, run) => (kernel.later ?? host().services?.call_later)?.(nanoseconds, run) ?? null,
    trace,
    retval,
    cookie,
    attachedTo,
    kept: ({ address }, owner, isThere) => {
      const object = objectAt(of, owner)
      if (object !== null) noteStorage(object, address, isThere)
    },
    fault,
  }
}
