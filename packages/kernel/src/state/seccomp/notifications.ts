/** Calls that wait for the listener of a seccomp filter (kernel/seccomp.c). */
import { ENOSYS } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { WaitQueue } from '../vfs/wait.ts'

/** One call that waits for a listener. */
export class Notification {
  readonly id: number
  readonly task: Task
  readonly nr: number
  readonly args: readonly unknown[]
  readonly listener: Listener
  /** Whether the listener has received and answered it. */
  state: 'init' | 'sent' | 'replied' = 'init'
  /** The result of the call; null makes the call. */
  answer: number | null = -ENOSYS
  readonly queue = new WaitQueue()

  constructor(id: number, task: Task, nr: number, args: readonly unknown[], listener: Listener) {
    this.id = id
    this.task = task
    this.nr = nr
    this.args = args
    this.listener = listener
  }

  reply(answer: number | null): void {
    this.answer = answer
    this.state = 'replied'
    this.queue.wake()
  }
}

export class Listener {
  isOpen = true
  readonly pending = new Map<number, Notification>()
  readonly queue = new WaitQueue()
}

/** The waiting calls of one machine; a task waits in one call at most. */
export class NotificationTable {
  readonly byTask = new WeakMap<Task, Notification>()
  #lastId = 0

  add(task: Task, nr: number, args: readonly unknown[], listener: Listener): Notification {
    const one = new Notification(++this.#lastId, task, nr, args, listener)
    this.byTask.set(task, one)
    listener.pending.set(one.id, one)
    return one
  }

  remove(one: Notification): void {
    this.byTask.delete(one.task)
    one.listener.pending.delete(one.id)
  }
}
