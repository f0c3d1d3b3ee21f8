/** BINDER_WRITE_READ: carries out a program's commands, then gives it what waits for it. */
import {
  BC_ACQUIRE, BC_ACQUIRE_DONE, BC_CLEAR_DEATH_NOTIFICATION, BC_DEAD_BINDER_DONE, BC_DECREFS, BC_ENTER_LOOPER,
  BC_EXIT_LOOPER, BC_FREE_BUFFER, BC_INCREFS, BC_INCREFS_DONE, BC_REGISTER_LOOPER, BC_RELEASE, BC_REPLY,
  BC_REQUEST_DEATH_NOTIFICATION, BC_TRANSACTION, BR_CLEAR_DEATH_NOTIFICATION_DONE, BR_DEAD_BINDER, BR_FAILED_REPLY,
  BR_NOOP, BR_REPLY, BR_TRANSACTION, BR_TRANSACTION_SEC_CTX, EFAULT, EINVAL,
} from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../../../machine.ts'
import type { BinderCommand, BinderReturn, BinderWriteRead } from '../../../state/binder/entries.ts'
import type {
  BinderContext, BinderProc, BinderThread, BinderTransaction, BinderWork,
} from '../../../state/binder/process.ts'
import { copyIn, isGuestBytes } from '../../../state/guest-bytes.ts'
import { fdTable, get_unused_fd } from '../../../state/vfs/fdtable.ts'
import { decRef, incRef } from './references.ts'
import { failReply, transact } from './transaction.ts'

const freeBuffer = (proc: BinderProc, buffer: number): void => {
  for (const ref of proc.buffers.get(buffer) ?? []) decRef(ref, 'strong')
  proc.buffers.delete(buffer)
}

/** One that is gone already is told at once. */
const requestDeath = (proc: BinderProc, { handle = -1, cookie = 0 }: BinderCommand): void => {
  const ref = proc.refs.get(handle)
  if (ref === undefined || ref.death !== null) return
  ref.death = cookie
  if (ref.node.proc.isDead) proc.todo.push({ kind: 'return', value: { cmd: BR_DEAD_BINDER, cookie } })
}

const clearDeath = (thread: BinderThread, { handle = -1, cookie = 0 }: BinderCommand): void => {
  const ref = thread.proc.refs.get(handle)
  if (ref === undefined || ref.death !== cookie) return
  ref.death = null
  thread.todo.push({ kind: 'return', value: { cmd: BR_CLEAR_DEATH_NOTIFICATION_DONE, cookie } })
}

const count = (context: BinderContext, proc: BinderProc, { cmd, handle = 0 }: BinderCommand): void => {
  const kind = cmd === BC_ACQUIRE || cmd === BC_RELEASE ? 'strong' : 'weak'
  const adds = cmd === BC_ACQUIRE || cmd === BC_INCREFS
  // handle 0 can be held before it was ever received
  const manager = handle === 0 && adds && context.manager !== null ? proc.refTo(context.manager, true) : null
  const ref = manager ?? proc.refs.get(handle)
  if (ref === undefined) return
  if (adds) incRef(ref, kind)
  else decRef(ref, kind)
}

/** The program's data and objects are read once, before any hook. */
const sendCopy = (machine: Machine, context: BinderContext, thread: BinderThread, command: BinderCommand): number => {
  const { data, objects = [], ...transaction } = command.transaction ?? { code: 0, flags: 0, data: null }
  if (!isGuestBytes(data) || !Array.isArray(objects)) return -EFAULT
  const copy = { ...transaction, data: copyIn(data), objects: objects.map((object) => ({ ...object })) }
  transact(machine, context, thread, copy, command.cmd === BC_REPLY)
  return 0
}

/** 0 or -errno: what cannot be read ends the list. */
const carryOut = (machine: Machine, context: BinderContext, thread: BinderThread, command: BinderCommand): number => {
  const { proc } = thread
  switch (command.cmd) {
    case BC_TRANSACTION:
    case BC_REPLY:
      return sendCopy(machine, context, thread, command)
    case BC_FREE_BUFFER:
      freeBuffer(proc, command.buffer ?? 0)
      return 0
    case BC_INCREFS:
    case BC_ACQUIRE:
    case BC_RELEASE:
    case BC_DECREFS:
      count(context, proc, command)
      return 0
    case BC_REGISTER_LOOPER:
    case BC_ENTER_LOOPER:
    case BC_EXIT_LOOPER:
      thread.isLooper = command.cmd !== BC_EXIT_LOOPER
      return 0
    case BC_REQUEST_DEATH_NOTIFICATION:
      requestDeath(proc, command)
      return 0
    case BC_CLEAR_DEATH_NOTIFICATION:
      clearDeath(thread, command)
      return 0
    case BC_INCREFS_DONE:
    case BC_ACQUIRE_DONE:
    case BC_DEAD_BINDER_DONE:
      return 0
    default:
      return -EINVAL
  }
}

/** The files of a transaction become descriptors of the reader: all of them, or -errno. */
const install = (machine: Machine, { files }: BinderTransaction): ReadonlyMap<number, number> | number => {
  const { task } = machine.current
  const fds = new Map<number, number>()
  for (const [place, file] of files) {
    const fd = get_unused_fd(task, true)
    if (fd < 0) {
      for (const made of fds.values()) machine.vfs.filp_close(fdTable(task).take(made)!, fdTable(task))
      return fd
    }
    file.f_count++
    fdTable(task).install(fd, file)
    fds.set(place, fd)
  }
  for (const file of files.values()) machine.vfs.fput(file)
  return fds
}

/** A transaction as its receiver reads it, who is at it until the reply; null: it could not be given. */
const deliver = (
  machine: Machine, thread: BinderThread, transaction: BinderTransaction, isReply: boolean,
): BinderReturn | null => {
  const { proc } = thread
  const fds = install(machine, transaction)
  if (typeof fds === 'number') {
    for (const file of transaction.files.values()) machine.vfs.fput(file)
    for (const ref of transaction.held) decRef(ref, 'strong')
    failReply(transaction, BR_FAILED_REPLY)
    return isReply ? { cmd: BR_FAILED_REPLY } : null
  }
  const buffer = proc.nextBuffer++
  proc.buffers.set(buffer, transaction.held)
  if (transaction.from !== null) {
    transaction.toThread = thread
    transaction.toParent = thread.stack
    thread.stack = transaction
  }
  const objects = (transaction.data.objects ?? []).map((object, place) =>
    fds.has(place) ? { ...object, fd: fds.get(place)! } : object)
  const cmd = isReply ? BR_REPLY : transaction.data.secctx === undefined ? BR_TRANSACTION : BR_TRANSACTION_SEC_CTX
  return { cmd, transaction: { ...transaction.data, objects, buffer } }
}

const next = (thread: BinderThread): BinderWork | null => {
  // calls of the process go to threads that have nothing else to wait for
  const isFree = thread.stack === null && thread.isLooper
  const takesProc = isFree || thread.todo.length === 0 && thread.proc.todo[0]?.kind === 'return'
  return thread.todo.shift() ?? (takesProc ? (thread.proc.todo.shift() ?? null) : null)
}

const read = (machine: Machine, thread: BinderThread, file: File, bwr: BinderWriteRead): number => {
  const found: BinderReturn[] = []
  while (found.length + 1 < bwr.read_size) {
    const work = next(thread)
    if (work === null) break
    const value = work.kind === 'return' ? work.value : deliver(machine, thread, work.transaction, work.isReply)
    if (value !== null) found.push(value)
    // one transaction at a time
    if (work.kind === 'transaction' && value !== null) break
  }
  if (found.length > 0) {
    bwr.read.push({ cmd: BR_NOOP }, ...found)
    return 0
  }
  return machine.sleepUnlessNonblock(file, thread.proc.wait)
}

export const writeRead = (
  machine: Machine, context: BinderContext, thread: BinderThread, file: File, bwr: BinderWriteRead,
): number => {
  while (bwr.write_consumed < bwr.write.length) {
    const rc = carryOut(machine, context, thread, bwr.write[bwr.write_consumed]!)
    if (rc !== 0) return rc
    bwr.write_consumed++
  }
  return bwr.read_size > 0 ? read(machine, thread, file, bwr) : 0
}
