/** The state that AppArmor keeps on kernel objects (include/{cred,task,file,net}.h). */
import { defineBlob } from '@lsmkit/core'
import type { Cred, File, Sock, Task } from '@lsmkit/core'
import type { Label } from './domain/objects.ts'

export class CredState {
  label: Label

  constructor(label: Label) {
    this.label = label
  }
}

/** `struct aa_task_ctx`. */
export class TaskState {
  /** The label under which no_new_privs was first seen. */
  nnp: Label | null = null
  /** The label after the next exec. */
  onexec: Label | null = null
  /** The label that is left for a hat. */
  previous: Label | null = null
  /** Of the hat; or 1 where `onexec` is to be stacked. */
  token = 0n
  /** The label of a replaced policy gives way when the call of the task is over. */
  replacementPending = false
}

/** `struct aa_file_ctx`: who opened it, and what was allowed so far. */
export class FileState {
  label: Label
  allow = 0

  constructor(label: Label) {
    this.label = label
  }
}

/** `struct aa_sk_ctx`. */
export class SockState {
  label: Label | null = null
  peer: Label | null = null
}

/** The accessors of one instance; an object without a label is unconfined. Sizes are those of 6.12 on x86-64. */
export const defineBlobs = (unconfined: Label) => ({
  cred: defineBlob((_cred: Cred) => new CredState(unconfined), { size: 8 }),
  task: defineBlob((_task: Task) => new TaskState(), { size: 56 }),
  file: defineBlob((_file: File) => new FileState(unconfined), { size: 24 }),
  sock: defineBlob((_sk: Sock) => new SockState(), { size: 16 }),
})

export type ApparmorBlobs = ReturnType<typeof defineBlobs>
