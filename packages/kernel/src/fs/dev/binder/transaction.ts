/** Calls and their replies: who gets them, and whether they may be made (`binder_transaction`). */
import {
  BR_DEAD_REPLY, BR_FAILED_REPLY, BR_TRANSACTION_COMPLETE, EINVAL, ENOSPC, FLAT_BINDER_FLAG_ACCEPTS_FDS,
  FLAT_BINDER_FLAG_TXN_SECURITY_CTX, TF_ACCEPT_FDS, TF_ONE_WAY,
} from '@lsmkit/abi'
import { credContext } from '@lsmkit/core'
import type { Machine } from '../../../machine.ts'
import type { BinderTransactionData } from '../../../state/binder/entries.ts'
import type {
  BinderContext, BinderNode, BinderProc, BinderThread, BinderTransaction, BinderWork,
} from '../../../state/binder/process.ts'
import { Handover, handOver } from './objects.ts'

/** Where a transaction goes; or what its sender reads instead. */
type Target =
  | {
    readonly proc: BinderProc
    readonly thread: BinderThread | null
    readonly node: BinderNode | null
    /** The receiver accepts files. */
    readonly mayTake: boolean
  }
  | { readonly refused: number }

const refused = (cmd: number): Target => ({ refused: cmd })

/** The thread of the target that waits for the caller within this chain of calls: it gets the call. */
const waitingThread = (thread: BinderThread, target: BinderProc): BinderThread | null => {
  for (let at = thread.stack; at !== null; at = at.fromParent) if (at.from?.proc === target) return at.from
  return null
}

const callTarget = (
  machine: Machine, context: BinderContext, thread: BinderThread, data: BinderTransactionData,
): Target => {
  const { proc } = thread
  const handle = data.handle ?? 0
  const known = handle === 0 ? context.manager : (proc.refs.get(handle) ?? null)
  if (known === null) return refused(handle === 0 ? BR_DEAD_REPLY : BR_FAILED_REPLY)
  const node = 'node' in known ? known.node : known
  const target = node.proc
  if (target.isDead) return refused(BR_DEAD_REPLY)
  if (target === proc || (handle === 0 && target.task.tgid === proc.task.tgid)) return refused(BR_FAILED_REPLY)
  if (machine.lsm.binder_transaction.ask(proc.cred, target.cred) < 0) return refused(BR_FAILED_REPLY)
  const isOneWay = (data.flags & TF_ONE_WAY) !== 0
  // a thread answers what it has before it calls anybody
  if (!isOneWay && thread.todo[0]?.kind === 'transaction') return refused(BR_FAILED_REPLY)
  if (!isOneWay && thread.stack !== null && thread.stack.toThread !== thread) return refused(BR_FAILED_REPLY)
  const mayTake = (node.flags & FLAT_BINDER_FLAG_ACCEPTS_FDS) !== 0
  return { proc: target, thread: isOneWay ? null : waitingThread(thread, target), node, mayTake }
}

/** The caller of the transaction that the thread is at. */
const replyTarget = (thread: BinderThread, asked: BinderTransaction | null): Target => {
  if (asked === null || asked.toThread !== thread) return refused(BR_FAILED_REPLY)
  const { from } = asked
  thread.stack = asked.toParent
  if (from === null || from.proc.isDead) return refused(BR_DEAD_REPLY)
  if (from.stack !== asked) return refused(BR_FAILED_REPLY)
  return { proc: from.proc, thread: from, node: null, mayTake: (asked.data.flags & TF_ACCEPT_FDS) !== 0 }
}

/** The sender's context, for objects that ask for it; -EINVAL where no LSM has one. */
const contextOf = (machine: Machine, proc: BinderProc, node: BinderNode | null): string | number | null => {
  if (node === null || (node.flags & FLAT_BINDER_FLAG_TXN_SECURITY_CTX) === 0) return null
  return credContext(machine.lsm, proc.cred) ?? -EINVAL
}

const wakeUp = (target: BinderProc, thread: BinderThread | null, work: BinderWork): void => {
  const { todo } = thread ?? target
  todo.push(work)
  target.wait.wake()
}

/** The sender's thread reads this. */
const answer = (thread: BinderThread, cmd: number): void => {
  thread.todo.push({ kind: 'return', value: { cmd } })
}

/** A transaction that will not be answered: its caller reads `cmd`, and waits no more. */
export const failReply = (transaction: BinderTransaction, cmd: number): void => {
  const { from } = transaction
  if (from === null || from.proc.isDead || from.stack !== transaction) return
  from.stack = transaction.fromParent
  answer(from, cmd)
  from.proc.wait.wake()
}

/** All objects, or -errno with none handed over. */
const handObjects = (
  machine: Machine, context: BinderContext, from: BinderProc, target: Exclude<Target, { refused: number }>,
  data: BinderTransactionData, handover: Handover,
): number => {
  if (!target.proc.isMapped) return -ENOSPC
  for (const object of data.objects ?? []) {
    const rc = handOver(machine, context, from, target.proc, object, target.mayTake, handover)
    if (rc === 0) continue
    handover.drop(machine)
    return rc
  }
  return 0
}

/** Sends a call or a reply. The result stands in the thread's own list. */
export const transact = (
  machine: Machine, context: BinderContext, thread: BinderThread, data: BinderTransactionData, isReply: boolean,
): void => {
  const { proc } = thread
  const asked = isReply ? thread.stack : null
  const target = isReply ? replyTarget(thread, asked) : callTarget(machine, context, thread, data)
  const fail = (cmd: number): void => {
    if (asked !== null) failReply(asked, cmd)
    answer(thread, asked === null ? cmd : BR_TRANSACTION_COMPLETE)
  }
  if ('refused' in target) return isReply ? answer(thread, target.refused) : fail(target.refused)
  const secctx = contextOf(machine, proc, target.node)
  const handover = new Handover()
  const rc = typeof secctx === 'number' ? secctx : handObjects(machine, context, proc, target, data, handover)
  if (rc !== 0) return fail(BR_FAILED_REPLY)
  const waits = !isReply && (data.flags & TF_ONE_WAY) === 0
  const transaction: BinderTransaction = {
    from: waits ? thread : null, fromParent: waits ? thread.stack : null, to: target.proc,
    toThread: target.thread, toParent: null, node: target.node, files: handover.files, held: handover.held,
    data: {
      code: data.code, flags: data.flags, data: data.data, objects: handover.objects,
      sender_pid: proc.task.tgid, sender_euid: proc.task.cred.euid, ptr: target.node?.ptr ?? 0,
      cookie: target.node?.cookie ?? 0, ...(typeof secctx === 'string' ? { secctx } : {}),
    },
  }
  answer(thread, BR_TRANSACTION_COMPLETE)
  if (waits) thread.stack = transaction
  if (isReply) target.thread!.stack = asked!.fromParent
  wakeUp(target.proc, target.thread, { kind: 'transaction', transaction, isReply })
}
