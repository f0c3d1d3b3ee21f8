/** A group of fanotify: what has happened that nobody has read, and what waits for an answer (fs/notify/fanotify). */
import {
  ENOMEM, EPERM, ERESTARTSYS, FAN_ALL_PERM_EVENTS, FAN_DENY, FAN_EVENT_ON_CHILD, FAN_NOFD, FAN_ONDIR, FAN_Q_OVERFLOW,
  FAN_RENAME, FAN_REPORT_FID, FAN_UNLIMITED_QUEUE, IN_ISDIR,
} from '@lsmkit/abi'
import type { Inode, Path, Task } from '@lsmkit/core'
import { Holder } from '../host-memory.ts'
import { COST } from '../memory-costs.ts'
import type { Machine } from '../machine.ts'
import type { Mark, NotifyEvent, NotifyGroup } from '../vfs/fsnotify.ts'
import { WaitQueue } from '../vfs/wait.ts'
import { eventInfo, FID_BITS, isSameInfo, NO_INFO } from './fanotify-info.ts'
import type { EventInfo } from './fanotify-info.ts'

/** An event that has not been read. */
export interface Queued {
  mask: number
  /** Null in a group that reports handles. */
  readonly path: Path | null
  readonly info: EventInfo
  readonly task: Task
  /** Of a permission event: 0 while nobody has answered, then FAN_ALLOW or FAN_DENY. */
  answer: number
  fd: number
}

/** Events that wait in a group without FAN_UNLIMITED_QUEUE (fs.fanotify.max_queued_events). */
const MOST_QUEUED = 16384

export class Fanotify extends Holder implements NotifyGroup {
  readonly queue: Queued[] = []
  /** Permission events that were read and wait for an answer, or have one that was not collected. */
  readonly asked: Queued[] = []
  readonly wait = new WaitQueue()
  readonly answered = new WaitQueue()
  readonly marks: Mark[] = []
  readonly flags: number
  readonly event_f_flags: number
  /** Made without CAP_SYS_ADMIN: it learns nothing of other processes. */
  readonly unprivileged: boolean
  private readonly machine: Machine

  constructor(machine: Machine, flags: number, event_f_flags: number, unprivileged: boolean) {
    super(machine.account, 0)
    this.unprivileged = unprivileged
    this.machine = machine
    this.flags = flags
    this.event_f_flags = event_f_flags
  }

  /** Whoever listens is not asked about what it does itself: its files are opened without notification. */
  handle(event: NotifyEvent, mark: Mark): number {
    const { mask, path, inode } = event
    if ((mask & IN_ISDIR) !== 0 && (mark.mask & FAN_ONDIR) === 0) return 0
    if ((this.flags & FID_BITS) !== 0) return this.tellHandles(event, mark)
    if (path === null) return 0
    const wanted = mask & mark.mask & ~IN_ISDIR
    const { task } = this.machine.current
    if ((mask & FAN_ALL_PERM_EVENTS) !== 0) return this.permission(wanted, path, inode, task)
    this.enqueue(wanted, path, NO_INFO, task)
    return 0
  }

  freed(mark: Mark): void {
    this.marks.splice(this.marks.indexOf(mark), 1)
    this.uncharge(COST.watch)
  }

  /** Puts an event behind the others; a full queue tells that it is full. */
  private put(event: Queued): void {
    const isFull = this.queue.length >= MOST_QUEUED && (this.flags & FAN_UNLIMITED_QUEUE) === 0
    if (!isFull && this.charge(COST.event)) this.queue.push(event)
    else if (this.queue.at(-1)?.mask !== FAN_Q_OVERFLOW) {
      this.force(COST.event)
      this.queue.push({ ...event, mask: FAN_Q_OVERFLOW, path: null, info: NO_INFO, answer: -1 })
    }
    this.wait.wake()
  }
  /** The first event has been read. */
  next(): void {
    this.queue.shift()
    this.uncharge(COST.event)
  }

  /** An event of handles: without those of objects only what has a directory can be told. */
  private tellHandles(event: NotifyEvent, mark: Mark): number {
    const wanted = event.mask & mark.mask & ~FAN_EVENT_ON_CHILD
    if ((wanted & ~FAN_ONDIR) === 0) return 0
    const isOfDir = event.parent !== null || (event.mask & IN_ISDIR) !== 0
    if ((this.flags & FAN_REPORT_FID) === 0 && !isOfDir) return 0
    const info = eventInfo(this.flags, wanted, event)
    if (info !== null) this.enqueue(wanted, null, info, this.machine.current.task)
    return 0
  }

  /** As `fanotify_merge`: what says the same of the same by the same task becomes one event. */
  private enqueue(mask: number, path: Path | null, info: EventInfo, task: Task): void {
    const apart = FAN_ONDIR | FAN_RENAME
    const same = this.queue.find((event) =>
      event.answer < 0 && event.task === task && event.path?.dentry === path?.dentry &&
      (event.mask & apart) === (mask & apart) && isSameInfo(event.info, info))
    if (same === undefined) this.put({ mask, path, info, task, answer: -1, fd: FAN_NOFD })
    else {
      same.mask |= mask
      this.wait.wake()
    }
  }

  /** Sleeps until the listener has answered; the call is made again then. */
  private permission(mask: number, path: Path, inode: Inode | null, task: Task): number {
    const isSame = (event: Queued): boolean =>
      event.task === task && event.mask === mask && event.path?.dentry.d_inode === inode
    const known = this.asked.find(isSame) ?? this.queue.find(isSame)
    if (known !== undefined && known.answer !== 0) {
      this.asked.splice(this.asked.indexOf(known), 1)
      return (known.answer & FAN_DENY) !== 0 ? -EPERM : 0
    }
    if (known === undefined) {
      if (!this.charge(COST.event)) return -ENOMEM
      this.queue.push({ mask, path, info: NO_INFO, task, answer: 0, fd: FAN_NOFD })
      this.wait.wake()
    }
    this.machine.sleepOn = this.answered
    return -ERESTARTSYS
  }
}
