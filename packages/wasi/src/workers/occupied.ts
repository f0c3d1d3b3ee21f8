/** A worker that runs something of one process: whatever ends the process ends it, whatever it is doing. */
import { PF_EXITING } from '@lsmkit/abi'
import { signalOf } from '@lsmkit/kernel/boot'
import { endingOf } from '../exit.ts'
import type { Ending } from '../exit.ts'
import type { Process } from '../process.ts'
import type { Start, WorkerNews } from './messages.ts'
import { giveBack, listen, takeWorker } from './workers.ts'

/** The longest a host's timer takes, in milliseconds. */
const LONGEST = 2 ** 31 - 1

type Port = InstanceType<typeof MessagePort>

export class Occupied {
  isOver = false
  readonly #process: Process
  readonly #worker = takeWorker()
  readonly #channel = new MessageChannel()
  #resolve: (ending: Ending) => void = () => {}
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(process: Process) {
    this.#process = process
  }

  /** Starts it. `take` gets what the worker says, until it is over. */
  run(start: (port: Port) => Start, take: (news: WorkerNews) => void): Promise<Ending> {
    const { budget, host } = this.#process
    const { port1, port2 } = this.#channel
    const taken = host.now()
    if (budget.hasBegun) this.#arm()
    listen(port1, (data) => {
      const news = data as WorkerNews
      if (this.isOver) return
      if (news.kind !== 'begun') return take(news)
      budget.begin(host.now() - taken)
      this.#arm()
    })
    this.#worker.onError((error) => this.finish(endingOf(error)))
    return new Promise((resolve) => {
      this.#resolve = resolve
      this.#watch()
      if (!this.isOver) this.#worker.start(start(port2))
    })
  }

  /** `isFree`: nothing runs in the worker any more. */
  finish(ending: Ending, isFree = false): void {
    if (this.isOver) return
    this.isOver = true
    clearTimeout(this.#timer)
    giveBack(this.#worker, isFree)
    this.#channel.port1.close()
    this.#resolve(ending)
  }

  #check(): void {
    const process = this.#process
    try {
      process.lookAlive()
      this.#arm()
    } catch {
      this.finish(process.ending ?? { kind: 'exited', status: 0 })
    }
  }

  /** Timers may go off early, and have a longest: a process that is not over the limit then is looked at again. */
  #arm(): void {
    clearTimeout(this.#timer)
    const { left } = this.#process.budget
    if (left === Infinity) return
    this.#timer = setTimeout(() => this.#check(), Math.min(Math.max(1, Math.ceil(left)), LONGEST))
  }

  #watch(): void {
    if (this.isOver) return
    const { task } = this.#process
    signalOf(task).wait_chldexit.subscribe(() => this.#watch())
    if ((task.flags & PF_EXITING) !== 0) this.#check()
  }
}
