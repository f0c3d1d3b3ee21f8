/** What helpers are told about tasks, files and time on a stack. */
import { EFAULT } from '@lsmkit/abi'
import type { Binprm, Current, File, Host, Inode, Task } from '@lsmkit/core'
import type { ProgramHost } from '../helpers/run/index.ts'
import type { ObjectMemory } from './object-memory.ts'
import { pathAt } from './paths.ts'
import { sha256 } from './sha256.ts'

/** What a stack does not know and its kernel may tell. Each left out is answered as on a kernel without it. */
export interface KernelCalls {
  /** Copies bytes of a task's memory: 0 or -EFAULT. */
  readonly readUser?: (task: Task, address: number, into: Uint8Array) => number
  readonly writeUser?: (task: Task, address: number, bytes: Uint8Array) => number
  /** Nanoseconds since boot. */
  readonly now?: () => number
  readonly signal?: (task: Task, signal: number, thread: boolean) => number
  /** Content of a regular file, null when it cannot be read. */
  readonly content?: (inode: Inode) => Uint8Array | null
  readonly cgroupId?: (task: Task) => number
  readonly later?: (nanoseconds: number, run: () => void) => () => void
}

/** What is bound late: an LSM is made before its stack. */
export interface LsmSurroundings {
  readonly current: () => Current
  readonly host: () => Host
  readonly objects: () => ObjectMemory
  readonly trace: (text: string) => void
  /** Of the program attached to a control group that runs now. */
  readonly retval: NonNullable<ProgramHost['retval']>
  readonly cookie: () => number
  /** A callback that ran later was stopped. */
  readonly fault: (error: unknown) => void
}

export const lsmHost = (
  { current, host, objects, trace, retval, cookie, fault }: LsmSurroundings, kernel: KernelCalls,
): ProgramHost => {
  const at = (address: number): object | null => objects().objectAt(address)
  const inodeAt = (address: number, kind: 'file' | 'inode'): Inode | null => {
    const object = at(address)
    return object === null ? null : kind === 'file' ? (object as File).f_inode : (object as Inode)
  }
  return {
    task: () => objects().addressOf(current().task, 'task_struct'),
    facts: () => {
      const { pid, tgid, comm, cred } = current().task
      return { pid, tgid, comm, uid: cred.uid, gid: cred.gid }
    },
    cgroupId: () => kernel.cgroupId?.(current().task) ?? 1,
    readUser: (address, into) => kernel.readUser?.(current().task, address, into) ?? -EFAULT,
    writeUser: (address, bytes) => kernel.writeUser?.(current().task, address, bytes) ?? -EFAULT,
    ...(kernel.now === undefined ? {} : { now: kernel.now }),
    ...(kernel.later === undefined ? {} : { later: kernel.later }),
    trace,
    path: (address) => pathAt(host(), objects(), address),
    signal: (signal, thread) => kernel.signal?.(current().task, signal, thread) ?? -EFAULT,
    secureExec: (bprm, on) => {
      const object = at(bprm) as Binprm | null
      if (object !== null) object.secureexec = on
    },
    hash: (address, kind) => {
      const inode = inodeAt(address, kind)
      const content = inode === null ? null : (kernel.content?.(inode) ?? null)
      return content === null ? null : sha256(content)
    },
    exeFile: (task) => {
      const file = (at(task) as Task | null)?.mm?.exe_file ?? null
      return file === null ? 0 : objects().addressOf(file, 'file')
    },
    retval,
    cookie,
    fault,
  }
}
