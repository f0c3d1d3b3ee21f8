/** One call that waits for an answer (`struct seccomp_notif`), and the ways to answer it. */
import {
  SECCOMP_ADDFD_FLAG_SEND, SECCOMP_IOCTL_NOTIF_ADDFD, SECCOMP_IOCTL_NOTIF_ID_VALID, SECCOMP_IOCTL_NOTIF_RECV,
  SECCOMP_IOCTL_NOTIF_SEND, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP,
  SECCOMP_USER_NOTIF_FLAG_CONTINUE,
} from '@lsmkit/abi'
import type { System } from '../sys/system.ts'
import { Pinned } from './pinned.ts'

const NOTIF_SIZE = 80
/** `struct seccomp_data` in it, and the arguments in that. */
const DATA = 16
const ARGUMENTS = 32

/** The listener's end. It holds one call at a time. */
export class Notification {
  readonly #system: System
  readonly #listener: number
  readonly #call: Pinned
  readonly #answer: Pinned
  readonly #id: Pinned
  readonly #later: Pinned
  /** `struct seccomp_data` of the call. */
  readonly data: DataView
  /** The thread that asks. */
  pid = 0
  nr = 0

  constructor(system: System, listener: number) {
    this.#system = system
    this.#listener = listener
    this.#call = new Pinned(system, NOTIF_SIZE)
    this.#answer = new Pinned(system, 24)
    this.#id = new Pinned(system, 8)
    this.#later = new Pinned(system, 8)
    this.data = new DataView(this.#call.bytes.buffer, DATA)
    // the task and the watcher take turns on one processor; kernels before 6.6 refuse, and do without
    system.call('ioctl', listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP)
  }

  /** Takes the next call. 0; -ENOENT where the task is gone; another -errno. Waits where there is no call. */
  receive(): number {
    const { bytes, view, address } = this.#call
    bytes.fill(0)
    const rc = this.#system.call('ioctl', this.#listener, SECCOMP_IOCTL_NOTIF_RECV, address)
    if (rc < 0) return rc
    this.pid = view.getUint32(8, true)
    this.nr = view.getInt32(16, true)
    copyWord(this.#id.view, view)
    return 0
  }

  /** Names the call, so that it can be answered after others were received. */
  get id(): bigint {
    return this.#id.view.getBigUint64(0, true)
  }

  /** An argument as an int. */
  int(at: number): number {
    return this.#call.view.getInt32(ARGUMENTS + 8 * at, true)
  }

  /** An argument as an address or a size; no program has one beyond 2^53. */
  word(at: number): number {
    return this.#call.word(ARGUMENTS + 8 * at)
  }

  /** The same for a call that was received before. */
  isStillWaiting(id: bigint): boolean {
    this.#later.view.setBigUint64(0, id, true)
    return this.#system.call('ioctl', this.#listener, SECCOMP_IOCTL_NOTIF_ID_VALID, this.#later.address) === 0
  }

  /** Whether the task still waits, so that what was read of its memory was its own. */
  isWaiting(): boolean {
    return this.#system.call('ioctl', this.#listener, SECCOMP_IOCTL_NOTIF_ID_VALID, this.#id.address) === 0
  }

  /** The kernel makes the call as it would without a watcher. */
  goOn(): number {
    return this.#send(null, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE)
  }

  /** The call is not made: its answer is a number from 0, or -errno. `id`: of a call that was received before. */
  reply(value: number, id: bigint | null = null): number {
    return value < 0 ? this.#send(id, 0, value, 0) : this.#send(id, value, 0, 0)
  }

  /** Answers a call that was received before: with a descriptor of its own for `fd`, or with -errno. */
  replyLater(id: bigint, fd: number, flags: number): number {
    return fd < 0 ? this.reply(fd, id) : this.replyWithDescriptor(fd, flags, id)
  }

  /** The task gets a descriptor of its own for `fd`, and the call answers its number. The number, or -errno. */
  replyWithDescriptor(fd: number, flags: number, id: bigint | null = null): number {
    const { view, address } = this.#answerTo(id)
    view.setUint32(8, SECCOMP_ADDFD_FLAG_SEND, true)
    view.setUint32(12, fd, true)
    view.setUint32(16, 0, true)
    view.setUint32(20, flags, true)
    return this.#system.call('ioctl', this.#listener, SECCOMP_IOCTL_NOTIF_ADDFD, address)
  }

  /** An answer begins with the id: that of the call which is held, for null. */
  #answerTo(id: bigint | null): Pinned {
    const { view } = this.#answer
    if (id === null) copyWord(view, this.#id.view)
    else view.setBigUint64(0, id, true)
    return this.#answer
  }

  #send(id: bigint | null, value: number, error: number, flags: number): number {
    const answer = this.#answerTo(id)
    const { view, address } = answer
    answer.putWord(8, value)
    view.setInt32(16, error, true)
    view.setUint32(20, flags, true)
    return this.#system.call('ioctl', this.#listener, SECCOMP_IOCTL_NOTIF_SEND, address)
  }
}

/** The first 64 bits, without a bigint. */
const copyWord = (to: DataView, from: DataView): void => {
  to.setUint32(0, from.getUint32(0, true), true)
  to.setUint32(4, from.getUint32(4, true), true)
}
