/** A group of fanotify: what has happened that nobody has read, and what waits for an answer (fs/notify/fanotify). */
import {
  ENOMEM, EPERM, ERESTARTSYS, FAN_ALL_PERM_EVENTS, FAN_DENY, FAN_EVENT_ON_CHILD, FAN_NOFD, FAN_ONDIR, FAN_Q_OVERFLOW,
  FAN_RENAME, FAN_REPORT_FID, FAN_UNLIMITED_QUEUE, IN_ISDIR,
} from '@lsmkit/abi'
import type { Inode, Path, Task } from '@lsmkit/core'
import { Holder } from '../state/host-memory.ts'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import type { Mark, NotifyEvent, NotifyGroup } from '../state/vfs/fsnotify.ts'
import { WaitQueue } from '../state/vfs/wait.ts'
import { eventInfo, FID_BITS, isSameInfo, NO_INFO } from './fanotify-info.ts'
import type { EventInfo } from './fanotify-info.ts'

/** Events of a group without FAN_UNLIMITED_QUEUE, and those that a new one may become one with. */
const MOST_QUEUED = 16384
const MOST_MERGED = 128

/** An event that has not been read. */
export interface Queued {
  mask: number
  /** Null in a group that reports handles. */
  readonly path: Path | null
  readonly info: EventInfo
  /** Null: events were lost. */
  readonly task: Task | null
  /** Of a permission event: 0 while nobody has answered, then FAN_ALLOW or FAN_DENY. */
  answer: number
  fd: number
}

/** What events are of that may become one. */
const subjectOf = ({ path, info }: Queued): object | null =>
  path?.dentry ?? info.dir?.inode ?? info.object?.inode ?? null

export class Fanotify extends Holder implements NotifyGroup {
  readonly queue: Queued[] = []
  /** Those of it that nobody waits for an answer to, oldest first, by what they are of. */
  private readonly bySubject = new Map<object | null, Queued[]>()
  /** Permission events that were read and wait for an answer, or have one that was not collected. */
  readonly asked: Queued[] = []
  readonly wait = new WaitQueue()
  readonly answered = new WaitQueue()
  readonly marks = new Map<object, Mark>()
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
    if (this.marks.delete(mark.target)) this.uncharge(COST.watch)
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
    const event: Queued = { mask, path, info, task, answer: -1, fd: FAN_NOFD }
    const others = this.bySubject.get(subjectOf(event)) ?? []
    const same = others.slice(-MOST_MERGED).find((other) =>
      other.task === task && other.path?.dentry === path?.dentry && (other.mask & apart) === (mask & apart) &&
      isSameInfo(other.info, info))
    if (same !== undefined) same.mask |= mask
    else if (this.hasRoomFor()) {
      if (!this.charge(COST.event)) this.tellOverflow()
      else {
        this.queue.push(event)
        others.push(event)
        this.bySubject.set(subjectOf(event), others)
      }
    }
    this.wait.wake()
  }

  /** Where there is none, that is told once. */
  private hasRoomFor(): boolean {
    if ((this.flags & FAN_UNLIMITED_QUEUE) !== 0 || this.queue.length < MOST_QUEUED) return true
    this.tellOverflow()
    return false
  }
  private tellOverflow(): void {
    if (this.queue.at(-1)?.mask === FAN_Q_OVERFLOW) return
    this.force(COST.event)
    this.queue.push({ mask: FAN_Q_OVERFLOW, path: null, info: NO_INFO, task: null, answer: -1, fd: FAN_NOFD })
  }

  /** Takes the oldest event out. */
  shift(): Queued {
    const event = this.queue.shift()!
    this.uncharge(COST.event)
    const others = this.bySubject.get(subjectOf(event))
    if (others?.[0] === event) {
      others.shift()
      if (others.length === 0) this.bySubject.delete(subjectOf(event))
    }
    return event
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
      // what cannot be asked is let through, but for want of memory
      if (!this.hasRoomFor()) return 0
      if (!this.charge(COST.event)) return -ENOMEM
      this.queue.push({ mask, path, info: NO_INFO, task, answer: 0, fd: FAN_NOFD })
      this.wait.wake()
    }
    this.machine.sleepOn = this.answered
    return -ERESTARTSYS
  }
}
