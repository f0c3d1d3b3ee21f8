/** State of System V IPC and message queues of one machine. */
import type { Task } from '@lsmkit/core'
import type { PlainNamespace } from '../task/namespaces.ts'
import type { FileOperations, FileSystem, InodeOperations, SuperOperations } from '../vfs/driver.ts'
import type { IpcPerm } from './ids.ts'
import type { IpcNamespace } from './namespace.ts'
import type { Adjustments, SemArray } from './sem-array.ts'

/** `struct sem_undo_list`: shared by tasks that were cloned with CLONE_SYSVSEM. */
export interface UndoList {
  users: number
  readonly sets: Map<SemArray, Adjustments>
}

/** Operations of files that only this machine has. */
export interface IpcOperations {
  /** Operations of an attachment of shared memory. */
  readonly attachment: FileOperations
  readonly queue_fops: FileOperations
  readonly queueDir: InodeOperations
  readonly mqueueSuper: SuperOperations
  readonly mqueueType: FileSystem
}

export class IpcTable {
  readonly namespaces = new WeakMap<PlainNamespace, IpcNamespace>()
  /** The object that a task sleeps on, so that its next call notices the object's removal. `leave` ends the wait. */
  readonly sleptOn = new WeakMap<Task, { readonly perm: IpcPerm; readonly leave: () => void }>()
  readonly undoLists = new WeakMap<Task, UndoList>()
  /** All lists that live, to reach the adjustments of one set. */
  readonly livingUndo = new Set<UndoList>()
  /** Bytes of message queues that count against RLIMIT_MSGQUEUE, by uid. */
  readonly mqueueBytes = new Map<number, number>()
  readonly attachment: FileOperations
  readonly queue_fops: FileOperations
  readonly queueDir: InodeOperations
  readonly mqueueSuper: SuperOperations
  readonly mqueueType: FileSystem

  constructor(operations: IpcOperations) {
    this.attachment = operations.attachment
    this.queue_fops = operations.queue_fops
    this.queueDir = operations.queueDir
    this.mqueueSuper = operations.mqueueSuper
    this.mqueueType = operations.mqueueType
  }
}
