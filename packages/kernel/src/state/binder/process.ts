/** Processes with a binder device, and the objects between them (drivers/android/binder_internal.h). */
import type { Cred, File, Task } from '@lsmkit/core'
import { WaitQueue } from '../vfs/wait.ts'
import type { BinderReturn, BinderTransactionData } from './entries.ts'

/** An object of a process that others can call. */
export class BinderNode {
  readonly proc: BinderProc
  readonly ptr: number
  readonly cookie: number
  readonly flags: number
  readonly refs = new Set<BinderRef>()

  constructor(proc: BinderProc, ptr: number, cookie: number, flags: number) {
    this.proc = proc
    this.ptr = ptr
    this.cookie = cookie
    this.flags = flags
  }
}

/** A process's number for an object of another one. */
export interface BinderRef {
  readonly proc: BinderProc
  readonly node: BinderNode
  readonly handle: number
  strong: number
  weak: number
  /** The cookie that the process gets when the object's owner is gone; null: it did not ask. */
  death: number | null
}

/** A transaction on its way, or answered by who has it. */
export interface BinderTransaction {
  /** The thread that waits for the reply; null: nobody. */
  from: BinderThread | null
  /** The transaction within which `from` made it. */
  readonly fromParent: BinderTransaction | null
  readonly to: BinderProc
  toThread: BinderThread | null
  /** The transaction that `toThread` was at before. */
  toParent: BinderTransaction | null
  readonly node: BinderNode | null
  readonly data: BinderTransactionData
  /** Files that become descriptors of the receiver when it reads, by the place of their object. */
  readonly files: ReadonlyMap<number, File>
  /** Handles that the receiver holds until it frees the buffer. */
  readonly held: readonly BinderRef[]
}

/** An item that a thread reads. */
export type BinderWork =
  | { readonly kind: 'return'; readonly value: BinderReturn }
  | { readonly kind: 'transaction'; readonly transaction: BinderTransaction; readonly isReply: boolean }

export class BinderThread {
  readonly proc: BinderProc
  readonly task: Task
  readonly todo: BinderWork[] = []
  /** The innermost transaction that it made or has to answer. */
  stack: BinderTransaction | null = null
  /** It takes calls of the process. */
  isLooper = false

  constructor(proc: BinderProc, task: Task) {
    this.proc = proc
    this.task = task
  }
}

/** One open device. */
export class BinderProc {
  readonly task: Task
  /** Of who opened it. */
  readonly cred: Cred
  readonly nodes = new Map<number, BinderNode>()
  readonly refs = new Map<number, BinderRef>()
  readonly threads = new Map<Task, BinderThread>()
  readonly todo: BinderWork[] = []
  readonly wait = new WaitQueue()
  /** Handles held by buffers that were not freed, by buffer. */
  readonly buffers = new Map<number, readonly BinderRef[]>()
  nextBuffer = 1
  isMapped = false
  isDead = false

  constructor(task: Task, cred: Cred) {
    this.task = task
    this.cred = cred
  }

  threadOf(task: Task): BinderThread {
    const known = this.threads.get(task)
    if (known !== undefined) return known
    const made = new BinderThread(this, task)
    this.threads.set(task, made)
    return made
  }

  /** Its number for an object, which is made where it has none. */
  refTo(node: BinderNode, isManager: boolean): BinderRef {
    for (const ref of node.refs) if (ref.proc === this) return ref
    let handle = isManager ? 0 : 1
    while (this.refs.has(handle)) handle++
    const ref: BinderRef = { proc: this, node, handle, strong: 0, weak: 0, death: null }
    this.refs.set(handle, ref)
    node.refs.add(ref)
    return ref
  }
}

/** The devices of a kernel share one: who is handle 0. */
export class BinderContext {
  manager: BinderNode | null = null
  /** The user that once was the manager: no other can be. */
  managerUid: number | null = null
}
