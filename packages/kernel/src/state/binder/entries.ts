/** Commands that programs write to a binder device, and returns that they read (linux/android/binder.h). */

/** `struct flat_binder_object` and `struct binder_fd_object`: something that a transaction hands over. */
export interface FlatBinderObject {
  /** BINDER_TYPE_*. */
  readonly type: number
  /** FLAT_BINDER_FLAG_*, of an object of the sender's own. */
  readonly flags?: number
  /** The address of an object of the program's own. */
  readonly binder?: number
  /** A number for an object of another process. */
  readonly handle?: number
  readonly fd?: number
  readonly cookie?: number
}

/** `struct binder_transaction_data`. Objects are a list of their own, beside the bytes. */
export interface BinderTransactionData {
  /** For the driver: the handle of the object that is called; 0 is the context manager. */
  readonly handle?: number
  /** For programs: the address of the object that is called. */
  readonly ptr?: number
  readonly cookie?: number
  readonly code: number
  /** TF_*. */
  readonly flags: number
  readonly sender_pid?: number
  readonly sender_euid?: number
  readonly data: Uint8Array
  readonly objects?: readonly FlatBinderObject[]
  /** For programs: what BC_FREE_BUFFER gives back. */
  readonly buffer?: number
  /** BR_TRANSACTION_SEC_CTX: the sender's security context. */
  readonly secctx?: string
}

/** A command of a program (BC_*), with what belongs to it. */
export interface BinderCommand {
  readonly cmd: number
  readonly transaction?: BinderTransactionData
  readonly handle?: number
  readonly ptr?: number
  readonly cookie?: number
  /** BC_FREE_BUFFER. */
  readonly buffer?: number
}

/** A return of the driver (BR_*). */
export interface BinderReturn {
  readonly cmd: number
  readonly transaction?: BinderTransactionData
  readonly ptr?: number
  readonly cookie?: number
}

/** `struct binder_write_read`: `write_consumed` counts the commands that were carried out. */
export interface BinderWriteRead {
  readonly write: readonly BinderCommand[]
  write_consumed: number
  /** Most returns that are read; 0: none. */
  readonly read_size: number
  /** Filled in. */
  readonly read: BinderReturn[]
}
