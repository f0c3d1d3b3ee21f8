/** A fanotify group: its queue of events, and the permission events that wait for an answer (fs/notify/fanotify). */
import {
  ENOMEM, EPERM, FAN_ALL_PERM_EVENTS, FAN_DENY, FAN_EVENT_ON_CHILD, FAN_NOFD, FAN_ONDIR, FAN_Q_OVERFLOW,
  FAN_RENAME, FAN_REPORT_FID, FAN_UNLIMITED_QUEUE, IN_ISDIR,
} from '@lsmkit/abi'
import type { Inode, Path, Task, UserNamespace } from '@lsmkit/core'
import { Holder } from '../state/host-memory.ts'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import type { Mark, NotifyEvent, NotifyGroup } from '../state/vfs/fsnotify.ts'
import { WaitQueue } from '../state/vfs/wait.ts'
import { eventInfo, FID_BITS, isSameInfo, NO_INFO } from './fanotify-info.ts'
import type { EventInfo } from './fanotify-info.ts'

/** Most events of a group without FAN_UNLIMITED_QUEUE, and how many of the last ones a new event may be merged with. */
const MAX_QUEUED = 16384
const MAX_MERGED = 128

/** An event that has not been read. */
export interface Queued {
  mask: number
  /** Null in a group that reports handles. */
  readonly path: Path | null
  readonly info: EventInfo
  /** Null: events were lost. */
  readonly task: Task | null
  /** Of a permission event: 0 until it is answered, then FAN_ALLOW or FAN_DENY. */
  answer: number
  fd: number
}

/** The object of an event. Only events of one object may be merged. */
const subjectOf = ({ path, info }: Queued): object | null =>
  path?.dentry ?? info.dir?.inode ?? info.object?.inode ?? null

export class Fanotify extends Holder implements NotifyGroup {
  readonly queue: Queued[] = []
  /** Queued events that are not permission events, oldest first, by their object. */
  readonly #bySubject = new Map<object | null, Queued[]>()
  /** Permission events that were read: not answered yet, or the call has not taken the answer yet. */
  readonly asked: Queued[] = []
  readonly wait = new WaitQueue()
  readonly answered = new WaitQueue()
  readonly marks = new Map<object, Mark>()
  readonly flags: number
  readonly event_f_flags: number
  /** Made without CAP_SYS_ADMIN: events do not name other processes. */
  readonly unprivileged: boolean
  /** Of the task that made it. */
  readonly user_ns: UserNamespace
  readonly #machine: Machine

  constructor(machine: Machine, flags: number, event_f_flags: number, unprivileged: boolean) {
    super(machine.account, 0)
    this.unprivileged = unprivileged
    this.user_ns = machine.current.task.cred.user_ns
    this.#machine = machine
    this.flags = flags
    this.event_f_flags = event_f_flags
  }

  /** A listener gets no events about its own files: they are opened without notification. */
  handle(event: NotifyEvent, mark: Mark): number {
    const { mask, path, inode } = event
    if ((mask & IN_ISDIR) !== 0 && (mark.mask & FAN_ONDIR) === 0) return 0
    if ((this.flags & FID_BITS) !== 0) return this.#reportHandles(event, mark)
    if (path === null) return 0
    const wanted = mask & mark.mask & ~IN_ISDIR
    const { task } = this.#machine.current
    if ((mask & FAN_ALL_PERM_EVENTS) !== 0) return this.#permission(wanted, path, inode, task)
    this.#enqueue(wanted, path, NO_INFO, task)
    return 0
  }

  freed(mark: Mark): void {
    if (this.marks.delete(mark.target)) this.uncharge(COST.watch)
  }

  /** An event with handles. Without FAN_REPORT_FID only events with a directory are reported. */
  #reportHandles(event: NotifyEvent, mark: Mark): number {
    const wanted = event.mask & mark.mask & ~FAN_EVENT_ON_CHILD
    if ((wanted & ~FAN_ONDIR) === 0) return 0
    const isOfDir = event.parent !== null || (event.mask & IN_ISDIR) !== 0
    if ((this.flags & FAN_REPORT_FID) === 0 && !isOfDir) return 0
    const info = eventInfo(this.flags, wanted, event)
    if (info !== null) this.#enqueue(wanted, null, info, this.#machine.current.task)
    return 0
  }

  /** As `fanotify_merge`: events of one kind, object and task become one event. */
  #enqueue(mask: number, path: Path | null, info: EventInfo, task: Task): void {
    const apart = FAN_ONDIR | FAN_RENAME
    const event: Queued = { mask, path, info, task, answer: -1, fd: FAN_NOFD }
    const others = this.#bySubject.get(subjectOf(event)) ?? []
    const same = others.slice(-MAX_MERGED).find((other) =>
      other.task === task && other.path?.dentry === path?.dentry && (other.mask & apart) === (mask & apart) &&
      isSameInfo(other.info, info))
    if (same !== undefined) same.mask |= mask
    else if (this.#hasRoomFor()) {
      if (!this.charge(COST.event)) this.#queueOverflow()
      else {
        this.queue.push(event)
        others.push(event)
        this.#bySubject.set(subjectOf(event), others)
      }
    }
    this.wait.wake()
  }

  /** When there is no room, the group gets one overflow event. */
  #hasRoomFor(): boolean {
    if ((this.flags & FAN_UNLIMITED_QUEUE) !== 0 || this.queue.length < MAX_QUEUED) return true
    this.#queueOverflow()
    return false
  }
  #queueOverflow(): void {
    if (this.queue.at(-1)?.mask === FAN_Q_OVERFLOW) return
    this.force(COST.event)
    this.queue.push({ mask: FAN_Q_OVERFLOW, path: null, info: NO_INFO, task: null, answer: -1, fd: FAN_NOFD })
  }

  /** Takes the oldest event out. */
  shift(): Queued {
    const event = this.queue.shift()!
    this.uncharge(COST.event)
    const others = this.#bySubject.get(subjectOf(event))
    if (others?.[0] === event) {
      others.shift()
      if (others.length === 0) this.#bySubject.delete(subjectOf(event))
    }
    return event
  }

  /** Sleeps until the listener has answered. The call is then made again. */
  #permission(mask: number, path: Path, inode: Inode | null, task: Task): number {
    const isSame = (event: Queued): boolean =>
      event.task === task && event.mask === mask && event.path?.dentry.d_inode === inode
    const known = this.asked.find(isSame) ?? this.queue.find(isSame)
    if (known !== undefined && known.answer !== 0) {
      this.asked.splice(this.asked.indexOf(known), 1)
      return (known.answer & FAN_DENY) !== 0 ? -EPERM : 0
    }
    if (known === undefined) {
      // an event that cannot be queued allows the access, unless memory was short
      if (!this.#hasRoomFor()) return 0
      if (!this.charge(COST.event)) return -ENOMEM
      this.queue.push({ mask, path, info: NO_INFO, task, answer: 0, fd: FAN_NOFD })
      this.wait.wake()
    }
    return this.#machine.sleep(this.answered)
  }
}
