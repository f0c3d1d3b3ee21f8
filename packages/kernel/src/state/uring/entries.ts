/** Requests that programs put into a ring, and the answers that they take out (include/uapi/linux/io_uring.h). */

/**
 * `struct io_uring_sqe`: one request. Fields have their kernel names; where Linux lets several share a place, each is a
 * field of its own here. A missing number is 0. Pointers are the objects that the system call of the same name takes:
 * bytes, a path, an array of buffers, a message header.
 */
export interface IoUringSqe {
  /** IORING_OP_*. */
  readonly opcode: number
  /** IOSQE_*. */
  readonly flags?: number
  readonly ioprio?: number
  /** A descriptor; with IOSQE_FIXED_FILE the place of a registered file. */
  readonly fd?: number
  /** Bytes into the file, -1 for its own position; a socket's type, the length of an address. */
  readonly off?: number
  readonly addr?: unknown
  readonly addr2?: unknown
  readonly addr3?: unknown
  readonly len?: number
  /** The flags of the operation, whatever their name: `rw_flags`, `open_flags`, `msg_flags`, `poll32_events`… */
  readonly rw_flags?: number
  /** Comes back in the answer, untouched. */
  readonly user_data?: unknown
  /** The place of a registered buffer. */
  readonly buf_index?: number
  /** Of IORING_REGISTER_PERSONALITY; 0: the credentials of who submits. */
  readonly personality?: number
  readonly splice_fd_in?: number
  readonly splice_off_in?: number
  /** Where the new file goes among the registered ones, counted from 1; 0: it gets a descriptor. */
  readonly file_index?: number
  /** The command of IORING_OP_URING_CMD, which the driver understands. */
  readonly cmd_op?: number
  readonly level?: number
  readonly optname?: number
  readonly optlen?: number
  readonly optval?: unknown
}

/** `struct io_uring_cqe`: the answer to one request. */
export interface IoUringCqe {
  readonly user_data: unknown
  /** The result that the system call would have had. */
  readonly res: number
  /** IORING_CQE_F_*. */
  readonly flags: number
}

/** `struct io_uring_params`: io_uring_setup reads the first ones and fills in the others. */
export interface IoUringParams {
  flags: number
  /** IORING_SETUP_CQSIZE: how many answers the ring is to hold. */
  cq_entries?: number
  sq_entries?: number
  sq_thread_cpu?: number
  /** Milliseconds until the polling thread sleeps; 0: a second. */
  sq_thread_idle?: number
  /** IORING_SETUP_ATTACH_WQ: the ring whose polling thread serves this one too. */
  wq_fd?: number
  features?: number
  resv?: readonly number[]
  sq_off?: IoUringOffsets
  cq_off?: IoUringOffsets
}

/** Where the parts of a ring lie in its mapping, in bytes. */
export type IoUringOffsets = Readonly<Record<string, number>>

/** IORING_ENTER_EXT_ARG (`struct io_uring_getevents_arg`). */
export interface IoUringGetEventsArg {
  readonly sigmask: bigint | null
  readonly sigmask_sz: number
  readonly ts: { readonly tv_sec: number; readonly tv_nsec: number } | null
}

/** `struct io_uring_restriction`; `value` is a command, an operation or IOSQE_* flags. */
export interface IoUringRestriction {
  readonly opcode: number
  readonly value: number
}

/** `struct io_uring_probe`, as IORING_REGISTER_PROBE fills it in. */
export interface IoUringProbe {
  last_op?: number
  ops_len?: number
  ops?: { readonly op: number; readonly flags: number }[]
}
