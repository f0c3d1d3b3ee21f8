/** Calls of asynchronous functions, and the order in which they go on: one at a time, each until it waits. */
import { anyOf, WaitQueue } from '@lsmkit/kernel/boot'
import type { Process } from '../../process.ts'
import { waitsSuspended } from '../../waiting/suspended.ts'
import { turn } from '../../waiting/turns.ts'
import type { Waits } from '../../waiting/waits.ts'
import type { Callee } from '../callee.ts'
import { after, cleanUp } from '../calls.ts'
import type { Lifted } from '../calls.ts'
import { importFailed } from '../import-failed.ts'
import { Pollable } from '../host/pollable.ts'
import type { ComponentInstance } from '../instance.ts'
import type { ComponentValue } from '../scalars.ts'
import { Transfer } from '../transfer.ts'
import { liftResult, lowerParams } from '../words.ts'
import { CANCELLED, NO_EVENT, WaitableSet } from './waitable.ts'
import type { Event } from './waitable.ts'

/** Goes on when the host has something. */
interface HostWait {
  readonly pollable: Pollable
  readonly resume: () => void
}

/** Goes on when it may. Its code may be suspended, or run in a worker: then it comes back later. */
interface Pending {
  readonly isReady: () => boolean
  readonly resume: () => void | Promise<void>
}

/** The answer of a call that was cancelled. */
export const GIVEN_UP = Symbol('given up')
export type Answer = ComponentValue | undefined | typeof GIVEN_UP

/** Code that runs: the two words that it keeps, and the task that it answers for. */
export interface Running {
  readonly storage: [number, number]
  readonly task: Task | null
}

/** Code that no task has called: what makes room, destroys, or begins. */
export const aside = (): Running => ({ storage: [0, 0], task: null })

export class Task implements Running {
  readonly lifted: Lifted
  readonly transfer: Transfer
  readonly storage: [number, number] = [0, 0]
  readonly resolve: (answer: Answer) => void
  readonly task = this
  isResolved = false
  cancel: 'no' | 'asked' | 'delivered' = 'no'

  constructor(lifted: Lifted, resolve: (answer: Answer) => void) {
    this.lifted = lifted
    this.transfer = new Transfer(lifted.callee)
    this.resolve = resolve
  }

  /** Asynchronous functions with a callback, and those that are lifted as others are, are not interleaved. */
  get isExclusive(): boolean {
    return !this.lifted.isAsync || this.lifted.callback !== null
  }

  get instance(): ComponentInstance {
    return this.lifted.callee.instance
  }

  finish(answer: Answer): void {
    const { callee } = this.lifted
    if (this.isResolved) callee.trap('it answers twice')
    if (this.transfer.scope.borrows > 0) callee.trap('it has not dropped what it has borrowed')
    this.isResolved = true
    this.resolve(answer)
  }

  deliverCancel(): boolean {
    if (this.cancel !== 'asked') return false
    this.cancel = 'delivered'
    return true
  }
}

export class Scheduler {
  /** The code that runs. */
  current: Running = aside()
  readonly #pending: Pending[] = []
  readonly #waits: HostWait[] = []
  /** Streams whose bytes are still being written by the host. */
  writing = 0

  /** Goes on when a file is ready, or a time has come. */
  waitForHost(pollable: Pollable, resume: () => void): void {
    this.#waits.push({ pollable, resume })
  }

  /** Goes on when a function of the embedder's has answered; one that rejects ends the component. */
  whenSettled(
    process: Process, name: string, answer: Promise<ComponentValue | undefined>,
    resolve: (answer: ComponentValue | undefined) => void,
  ): void {
    const queue = new WaitQueue()
    let settled: (() => ComponentValue | undefined) | null = null
    const settle = (get: () => ComponentValue | undefined): void => {
      settled = get
      queue.wake()
    }
    answer.then((value) => settle(() => value), (error: unknown) => settle(() => importFailed(process, name, error)))
    const pollable = new Pollable({ isReady: () => settled !== null, queues: () => [queue] })
    this.waitForHost(pollable, () => resolve(settled!()))
  }

  later(pending: Pending): void {
    this.#pending.push(pending)
  }

  /** Code that runs is within what has called it, also where it comes back later. */
  run<T>(running: Running, call: () => T): T {
    const before = this.current
    const goBack = (): void => void (this.current = before)
    this.current = running
    let isLater = false
    try {
      const answer = call()
      if (!(answer instanceof Promise)) return answer
      isLater = true
      return answer.finally(goBack) as T
    } finally {
      if (!isLater) goBack()
    }
  }

  /** Waits for the first of what is waited for of the host, by `waits`. False where that is nothing. */
  #waitForHost(process: Process, waits: Waits): boolean | Promise<boolean> {
    const { machine, task, host } = process
    if (this.#waits.length === 0) return false
    const due = Math.min(...this.#waits.map(({ pollable }) => pollable.due))
    let at = -1
    const look = (): number => machine.as(task, () => {
      at = this.#waits.findIndex(({ pollable }) => pollable.isReady(process))
      if (at >= 0) return 0
      return machine.sleep(anyOf(this.#waits.flatMap(({ pollable }) => pollable.queues)))
    })
    const goOn = (): boolean => {
      // a wait that nothing could end
      if (at < 0) return false
      const [ready] = this.#waits.splice(at, 1)
      ready!.resume()
      return true
    }
    return after(waits(look, (rc) => rc, () => due - host.now()), goOn)
  }

  /** Lets one go on that may. False where there is no such task. */
  step(): boolean | Promise<boolean> {
    const at = this.#pending.findIndex(({ isReady }) => isReady())
    if (at < 0) return false
    const [next] = this.#pending.splice(at, 1)
    return after(next!.resume(), () => true)
  }

  /** Lets others go on while there are any, until something has come. */
  stepUntil(hasCome: () => boolean): void | Promise<void> {
    while (!hasCome()) {
      const step = this.step()
      if (step instanceof Promise) return step.then((isOn) => (isOn ? this.stepUntil(hasCome) : undefined))
      if (!step) return
    }
  }

  /**
   * Lets others go on until something has come; a component that waits for what cannot come ends. The host goes on
   * meanwhile, where the calls of the component may wait.
   */
  waitUntil(callee: Callee, hasCome: () => boolean): void | Promise<void> {
    const { current } = this
    const { process } = callee
    if (hasCome()) return
    if (process.maySuspend)
      return this.untilCome(callee, hasCome, process.waits).finally(() => void (this.current = current))
    while (!hasCome()) {
      process.look()
      if (this.step() !== true && this.#waitForHost(process, process.waits) !== true) noSuchEvent(callee)
    }
    this.current = current
  }

  /** As `waitUntil`, where none of the component's code is on the stack. */
  async untilCome(
    callee: Callee, hasCome: () => boolean, waits: Waits = waitsSuspended(callee.process),
  ): Promise<void> {
    const { process } = callee
    while (!hasCome()) {
      process.look()
      if (process.isTurnDue()) await turn()
      if (!await this.step() && !await this.#waitForHost(process, waits)) noSuchEvent(callee)
    }
  }
}

const noSuchEvent = (callee: Callee): never => callee.trap(callee.process.isDriven
  ? 'it waits for what cannot come while it keeps the thread (workers with shared memory, or Node 24, let it wait)'
  : 'it waits for what cannot come')

const isBlocked = (task: Task): boolean =>
  task.instance.backpressure > 0 || (task.isExclusive && task.instance.exclusive !== null)

/** Calls an asynchronous function. `start` gives the arguments when it begins, which may be later. */
export const callAsync = (
  scheduler: Scheduler, lifted: Lifted, start: () => readonly ComponentValue[], resolve: (answer: Answer) => void,
): Task | Promise<Task> => {
  const task = new Task(lifted, resolve)
  const { instance } = task
  if (!isBlocked(task) && instance.entering === 0) return after(begin(scheduler, task, start), () => task)
  instance.entering += 1
  scheduler.later({
    isReady: () => !isBlocked(task) || task.cancel === 'asked',
    resume: () => {
      instance.entering -= 1
      if (!task.deliverCancel()) return begin(scheduler, task, start)
      task.finish(GIVEN_UP)
    },
  })
  return task
}

const begin = (
  scheduler: Scheduler, task: Task, start: () => readonly ComponentValue[],
): void | Promise<void> => {
  const { lifted, instance, transfer } = task
  const { params, tuple, result } = lifted.signature()
  if (task.isExclusive) instance.exclusive = task
  const words = lowerParams(transfer, params, tuple, start())
  return after(scheduler.run(task, () => lifted.entered(...words)), (answer) => {
    if (!lifted.isAsync) {
      task.finish(result === null ? undefined : liftResult(transfer, result, answer ?? 0))
      scheduler.run(task, () => cleanUp(lifted, answer))
      leave(task)
    } else if (lifted.callback === null) leave(task)
    else goOn(scheduler, task, Number(answer) >>> 0)
  })
}

const leave = (task: Task): void => {
  if (task.instance.exclusive === task) task.instance.exclusive = null
  if (!task.isResolved) task.lifted.callee.trap('it has ended without an answer')
}

const [EXIT, YIELD, WAIT] = [0, 1, 2]

/** Follows what the code of a task has asked for: its end, a turn of others, or an event. */
const goOn = (scheduler: Scheduler, task: Task, packed: number): void => {
  const { instance, lifted: { callee } } = task
  const [code, index] = [packed & 15, packed >>> 4]
  if (code === EXIT) return leave(task)
  if (code !== YIELD && code !== WAIT) return callee.trap(`it asks for ${code}, which means nothing`)
  const set = code === WAIT ? instance.handles.at(index) : null
  if (code === WAIT && !(set instanceof WaitableSet)) return callee.trap(`${index} is not a set to wait for`)
  instance.exclusive = null
  if (set instanceof WaitableSet) set.waiting += 1
  scheduler.later({
    isReady: () => instance.exclusive === null &&
      (!(set instanceof WaitableSet) || set.hasEvent || task.cancel === 'asked'),
    resume: () => {
      if (set instanceof WaitableSet) set.waiting -= 1
      const event = task.deliverCancel() ? CANCELLED : set instanceof WaitableSet ? set.take() : NO_EVENT
      return callBack(scheduler, task, event)
    },
  })
}

const callBack = (scheduler: Scheduler, task: Task, event: Event): void | Promise<void> => {
  task.instance.exclusive = task
  return after(scheduler.run(task, () => task.lifted.callback!(...event)), (packed) =>
    goOn(scheduler, task, Number(packed) >>> 0))
}
