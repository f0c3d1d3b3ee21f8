/** /dev/binder: calls between processes as Android has them, each asked of the LSMs (drivers/android/binder.c). */
import {
  BINDER_CURRENT_PROTOCOL_VERSION, BINDER_GET_NODE_INFO_FOR_REF, BINDER_SET_CONTEXT_MGR, BINDER_SET_CONTEXT_MGR_EXT,
  BINDER_SET_MAX_THREADS, BINDER_THREAD_EXIT, BINDER_VERSION, BINDER_WRITE_READ, BR_DEAD_BINDER, BR_DEAD_REPLY, EBUSY,
  EFAULT, EINVAL, EPERM, EPOLLIN, VM_DONTCOPY, VM_MAYWRITE, VM_WRITE,
} from '@lsmkit/abi'
import type { File, Vma } from '@lsmkit/core'
import type { Machine } from '../../../machine.ts'
import type { BinderWriteRead, FlatBinderObject } from '../../../state/binder/entries.ts'
import { BinderContext, BinderNode, BinderProc } from '../../../state/binder/process.ts'
import type { BinderThread } from '../../../state/binder/process.ts'
import { fileOperations } from '../../../state/vfs/driver.ts'
import type { FileOperations } from '../../../state/vfs/driver.ts'
import { fileState } from '../../../state/vfs/state.ts'
import { failReply } from './transaction.ts'
import { writeRead } from './write-read.ts'

const procOf = (file: File): BinderProc => fileState(file).data as BinderProc

/** As `binder_ioctl_set_ctx_mgr`: the first who asks becomes handle 0, if the LSMs agree. */
const setContextManager = (
  machine: Machine, context: BinderContext, proc: BinderProc, object: FlatBinderObject,
): number => {
  const { euid } = machine.current.task.cred
  if (context.manager !== null) return -EBUSY
  const rc = machine.lsm.binder_set_context_mgr.ask(proc.cred)
  if (rc < 0) return rc
  if (context.managerUid !== null && context.managerUid !== euid) return -EPERM
  context.managerUid = euid
  const { binder = 0, cookie = 0, flags = 0 } = object
  context.manager = new BinderNode(proc, binder, cookie, flags)
  proc.nodes.set(binder, context.manager)
  return 0
}

const isWriteRead = (arg: unknown): arg is BinderWriteRead =>
  typeof arg === 'object' && arg !== null && Array.isArray((arg as BinderWriteRead).write) &&
  Array.isArray((arg as BinderWriteRead).read)

/** The counts of a handle, for the context manager. */
const nodeInfo = (context: BinderContext, proc: BinderProc, arg: unknown): number => {
  if (typeof arg !== 'object' || arg === null) return -EFAULT
  const info = arg as { readonly handle: number; strong_count?: number; weak_count?: number }
  if (context.manager?.proc !== proc) return -EPERM
  const ref = proc.refs.get(info.handle)
  if (ref === undefined) return -EINVAL
  const refs = [...ref.node.refs]
  info.strong_count = refs.reduce((sum, { strong }) => sum + strong, 0)
  info.weak_count = refs.reduce((sum, { weak }) => sum + weak, 0)
  return 0
}

/** A thread, or all of a process, is gone: who waits for it waits no more. */
const endThread = (machine: Machine, { proc, task, todo, stack }: BinderThread): void => {
  proc.threads.delete(task)
  for (let at = stack; at !== null; at = at.toParent) {
    if (at.toThread?.task === task) failReply(at, BR_DEAD_REPLY)
    else if (at.from?.task === task) at.from = null
  }
  dropWork(machine, todo)
}

const dropWork = (machine: Machine, todo: BinderThread['todo']): void => {
  for (const work of todo.splice(0)) {
    if (work.kind !== 'transaction') continue
    for (const file of work.transaction.files.values()) machine.vfs.fput(file)
    failReply(work.transaction, BR_DEAD_REPLY)
  }
}

/** The device is closed: its objects are dead, and those who asked are notified. */
const release = (machine: Machine, context: BinderContext, proc: BinderProc): void => {
  proc.isDead = true
  if (context.manager?.proc === proc) context.manager = null
  for (const thread of [...proc.threads.values()]) endThread(machine, thread)
  dropWork(machine, proc.todo)
  for (const node of proc.nodes.values()) {
    for (const { proc: holder, death } of node.refs) {
      if (death === null || holder.isDead) continue
      holder.todo.push({ kind: 'return', value: { cmd: BR_DEAD_BINDER, cookie: death } })
      holder.wait.wake()
    }
  }
  for (const ref of proc.refs.values()) ref.node.refs.delete(ref)
  machine.creds.put_cred(proc.cred)
}

const ioctl = (machine: Machine, context: BinderContext, file: File, cmd: number, arg: unknown): number => {
  const proc = procOf(file)
  const thread = proc.threadOf(machine.current.task)
  switch (cmd) {
    case BINDER_WRITE_READ:
      return isWriteRead(arg) ? writeRead(machine, context, thread, file, arg) : -EFAULT
    case BINDER_SET_CONTEXT_MGR:
      return setContextManager(machine, context, proc, { type: 0 })
    case BINDER_SET_CONTEXT_MGR_EXT:
      if (typeof arg !== 'object' || arg === null) return -EFAULT
      return setContextManager(machine, context, proc, arg as FlatBinderObject)
    case BINDER_SET_MAX_THREADS:
      return 0
    case BINDER_THREAD_EXIT:
      endThread(machine, thread)
      return 0
    case BINDER_VERSION:
      if (typeof arg !== 'object' || arg === null) return -EFAULT
      ;(arg as { value: number }).value = BINDER_CURRENT_PROTOCOL_VERSION
      return 0
    case BINDER_GET_NODE_INFO_FOR_REF:
      return nodeInfo(context, proc, arg)
    default:
      return -EINVAL
  }
}

/** The room in which calls arrive; programs only read it. */
const mmap = (machine: Machine, file: File, vma: Vma): number => {
  const proc = procOf(file)
  if (proc.task.tgid !== machine.current.task.tgid) return -EINVAL
  if ((vma.vm_flags & VM_WRITE) !== 0) return -EPERM
  if (proc.isMapped) return -EBUSY
  vma.vm_flags = (vma.vm_flags | VM_DONTCOPY) & ~VM_MAYWRITE
  proc.isMapped = true
  return 0
}

/** The devices of one kernel. */
export const binderDevice = (machine: Machine): FileOperations => {
  const context = new BinderContext()
  return fileOperations({
    open(_inode, file) {
      fileState(file).data = new BinderProc(machine.current.task, machine.creds.get_cred(file.f_cred))
      return 0
    },
    ioctl: (file, cmd, arg) => ioctl(machine, context, file, cmd, arg),
    mmap: (file, vma) => mmap(machine, file, vma),
    poll(file) {
      const proc = procOf(file)
      return proc.threadOf(machine.current.task).todo.length + proc.todo.length > 0 ? EPOLLIN : 0
    },
    poll_queue: (file) => procOf(file).wait,
    release: (_inode, file) => release(machine, context, procOf(file)),
  })
}
