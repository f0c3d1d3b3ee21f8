/** The state of io_uring: rings with their queues, the requests under way, and the threads of each task. */
import {
  IORING_OP_READ, IORING_OP_RECV, IORING_OP_SEND, IORING_OP_WRITE, IORING_SETUP_SQPOLL, IORING_SQ_CQ_OVERFLOW,
  IORING_SQ_NEED_WAKEUP, IOSQE_CQE_SKIP_SUCCESS, IOSQE_IO_HARDLINK, IOSQE_IO_LINK,
} from '@lsmkit/abi'
import type { Cred, File, Task } from '@lsmkit/core'
import type { GuestBytes } from '../guest-bytes.ts'
import type { MemoryAccount } from '../host-memory.ts'
import { WaitQueue } from '../vfs/wait.ts'
import type { IoUringCqe, IoUringSqe } from './entries.ts'

/** A thread of the kernel's that does what would wait. */
export interface Worker {
  readonly task: Task
  /** The request that it does or waits for. */
  request: Request | null
  /** Ends the timer of a worker that has nothing to do. */
  stopIdling: (() => void) | null
}

/** The thread that submits by itself what it finds in the rings. */
export interface Poller {
  readonly task: Task
  /** Thread group of who made it: others cannot attach. */
  readonly tgid: number
  /** The credentials with which it submits, of who made each ring; counted. */
  readonly rings: Map<Ring, Cred>
  readonly isAlive: boolean
  readonly isAsleep: boolean
  /** A program has put something in a ring: a thread that is awake finds it at its next turn. */
  noticed(): void
  /** One turn, as the thread. */
  run(): void
}

/** The requests and commands that IORING_REGISTER_RESTRICTIONS allows. */
export interface Restrictions {
  readonly commands: Set<number>
  readonly operations: Set<number>
  allowed: number
  required: number
}

export class Ring {
  /** IORING_SETUP_*. IORING_SETUP_R_DISABLED goes when the ring is enabled. */
  flags: number
  readonly sq_entries: number
  readonly cq_entries: number
  readonly account: MemoryAccount
  /** Bytes charged for the two queues. */
  readonly bytes: number
  /** Requests that are not submitted yet. */
  readonly sq: IoUringSqe[] = []
  /** Answers that are not taken yet, at most `cq_entries`. */
  readonly cq: IoUringCqe[] = []
  /** Answers for which `cq` has no room yet. */
  readonly overflowed: IoUringCqe[] = []
  /** Answers so far. */
  posted = 0
  /** Woken by each answer. */
  readonly wait = new WaitQueue()
  /** Requests that have no answer yet. */
  readonly inflight = new Set<Request>()
  /** Requests behind one with IOSQE_IO_DRAIN, in their order. */
  readonly deferred: Request[] = []
  /** The last request with IOSQE_IO_DRAIN that was begun: those behind it wait for its end. */
  draining: Request | null = null
  readonly personalities = new Map<number, Cred>()
  nextPersonality = 1
  files: (File | null)[] | null = null
  buffers: (GuestBytes | null)[] | null = null
  eventfd: File | null = null
  restrictions: Restrictions | null = null
  /** The restrictions hold: the ring was enabled after they were registered. */
  isRestricted = false
  /** False once a request has left out its answer: the order of answers is not known any more. */
  canDrain = true
  /** The only task that may use the ring (IORING_SETUP_SINGLE_ISSUER). */
  submitter: Task | null = null
  /** The thread that submits; null: programs do it by io_uring_enter. */
  poller: Poller | null = null
  /** How much each caller that waits for answers has submitted: it makes the same call again. */
  readonly submitted = new Map<Task, number>()
  isDead = false

  constructor(flags: number, sq_entries: number, cq_entries: number, account: MemoryAccount, bytes: number) {
    this.flags = flags
    this.sq_entries = sq_entries
    this.cq_entries = cq_entries
    this.account = account
    this.bytes = bytes
  }

  get isPolled(): boolean {
    return (this.flags & IORING_SETUP_SQPOLL) !== 0
  }

  /** IORING_SQ_*, as programs see them in the mapping. */
  get sq_flags(): number {
    const sleeps = this.poller?.isAsleep === true
    return (sleeps ? IORING_SQ_NEED_WAKEUP : 0) | (this.overflowed.length > 0 ? IORING_SQ_CQ_OVERFLOW : 0)
  }

  /** Moves answers that waited for room into the ring. */
  flushOverflow(): void {
    const room = this.cq_entries - this.cq.length
    if (room > 0 && this.overflowed.length > 0) this.cq.push(...this.overflowed.splice(0, room))
  }

  post(cqe: IoUringCqe): void {
    this.posted++
    if (this.cq.length < this.cq_entries && this.overflowed.length === 0) this.cq.push(cqe)
    else this.overflowed.push(cqe)
    this.wait.wake()
  }
}

/** One request under way (`struct io_kiocb`). */
export class Request {
  readonly ring: Ring
  readonly sqe: IoUringSqe
  readonly flags: number
  /** The task that submitted it, and that does it unless a worker has to. */
  readonly task: Task
  /** Those it runs with where they are not the task's own; counted. */
  creds: Cred | null = null
  /** The file behind `fd`, from the first attempt on; counted. */
  file: File | null = null
  /** The worker that does it. */
  worker: Worker | null = null
  /** The next request of its chain. */
  link: Request | null = null
  /** The error that it failed with before it was begun; 0: none. */
  error = 0
  isDone = false
  /** Ends the wait of a request that sleeps. */
  stopWaiting: (() => void) | null = null

  constructor(ring: Ring, sqe: IoUringSqe, task: Task) {
    this.ring = ring
    this.sqe = sqe
    this.flags = sqe.flags ?? 0
    this.task = task
  }

  get isLinked(): boolean {
    return (this.flags & (IOSQE_IO_LINK | IOSQE_IO_HARDLINK)) !== 0
  }

  /** An answer of success is left out. */
  get isSilent(): boolean {
    return (this.flags & IOSQE_CQE_SKIP_SUCCESS) !== 0
  }
}

const WHOLE: ReadonlySet<number> = new Set([IORING_OP_READ, IORING_OP_WRITE, IORING_OP_SEND, IORING_OP_RECV])

/** A transfer of fewer bytes than asked breaks a chain, as an error does. */
export const isShort = ({ opcode, len }: IoUringSqe, res: number): boolean =>
  WHOLE.has(opcode) && len !== undefined && res < len

/** Most registered rings of a task. */
export const IO_RINGFD_REG_MAX = 16

/** The rings and workers of a task (`struct io_uring_task`). */
export class TaskRings {
  readonly rings = new Set<Ring>()
  readonly workers: Worker[] = []
  /** Requests that no worker was free for. */
  readonly queue: Request[] = []
  readonly registered: (File | null)[] = Array.from({ length: IO_RINGFD_REG_MAX }, () => null)
}
