/** Runs programs in workers: the kernel stays in its thread, and their imports come to it as messages. */
import { CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_SYSVSEM, CLONE_THREAD, CLONE_VM, PF_EXITING } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { signalOf } from '@lsmkit/kernel'
import { STARTER } from '../binary/defer-start.ts'
import { FUEL, REFILL } from '../binary/meter.ts'
import { endingOf, endingOfText } from '../exit.ts'
import type { Ending } from '../exit.ts'
import { guardWaiting } from '../guard.ts'
import type { Import } from '../guard.ts'
import { knownImports } from '../imports.ts'
import type { Run } from '../life.ts'
import type { Process } from '../process.ts'
import type { Program } from '../program.ts'
import { QUANTUM } from '../refill.ts'
import { whileHeld } from '../waiting/suspended.ts'
import { ANSWERED, LOOK } from './messages.ts'
import type { WorkerNews, WorkerStart } from './messages.ts'
import { giveBack, listen, takeWorker } from './workers.ts'

const LONGEST = 2 ** 31 - 1

/** Runs a program that `assertRunnable` has passed, to its end, in a worker of its own. */
export const runInWorker = ({ process, program }: Run): Promise<Ending> => {
  const { importedMemory, startsLater } = program.built
  const memory = importedMemory === null ? null : new WebAssembly.Memory({ ...importedMemory, shared: true })
  if (memory !== null) process.memory.attach(memory)
  const entries: WorkerStart['entries'] = [...(startsLater ? [[STARTER] as const] : []), ['_start']]
  return new Thread(process, program, memory).run(entries)
}

class Thread {
  readonly #process: Process
  readonly #program: Program
  readonly #memory: WebAssembly.Memory | null
  readonly #state = new Int32Array(new SharedArrayBuffer(8))
  readonly #worker = takeWorker()
  readonly #calls: readonly Import[]
  readonly #names: readonly (readonly [from: string, name: string])[]

  constructor(process: Process, program: Program, memory: WebAssembly.Memory | null) {
    this.#process = process
    this.#program = program
    this.#memory = memory
    const known = knownImports(process, program.module, (argument) => this.#spawn(argument))
    const functions = program.imports.filter(({ kind }) => kind === 'function')
    this.#names = functions.map(({ module, name }) => [module, name])
    this.#calls = functions.map(({ module, name }) => guardWaiting(process, known(module, name).call))
  }

  run(entries: WorkerStart['entries']): Promise<Ending> {
    const process = this.#process
    const program = this.#program
    const worker = this.#worker
    const state = this.#state
    const memory = this.#memory
    const imports = this.#names
    const { port1, port2 } = new MessageChannel()
    return new Promise((resolve) => {
      let isOver = false
      const taken = process.host.now()
      /** `isFree`: the worker has said that nothing runs in it. */
      const finish = (ending: Ending, isFree = false): void => {
        if (isOver) return
        isOver = true
        clearTimeout(timer)
        giveBack(worker, isFree)
        port1.close()
        resolve(ending)
      }
      const check = (): void => {
        try {
          process.lookAlive()
          arm()
        } catch {
          finish(process.ending ?? { kind: 'exited', status: 0 })
        }
      }
      let timer: ReturnType<typeof setTimeout> | undefined
      /** Timers may go off early, and have a longest: who is not over the limit then is looked at again. */
      const arm = (): void => {
        clearTimeout(timer)
        const { left } = process.budget
        if (left !== Infinity) timer = setTimeout(check, Math.min(Math.max(1, Math.ceil(left)), LONGEST))
      }
      /** Whoever ends the task ends the worker, whatever it is doing. */
      const watch = (): void => {
        if (isOver) return
        signalOf(process.task).wait_chldexit.subscribe(watch)
        if ((process.task.flags & PF_EXITING) !== 0) check()
      }
      if (process.budget.hasBegun) arm()
      listen(port1, (news) => {
        const data = news as WorkerNews
        if (isOver) return
        if (data.kind === 'begun') {
          process.budget.begin(process.host.now() - taken)
          arm()
        } else if (data.kind === 'memory') process.memory.attach(data.memory)
        else if (data.kind === 'ended') {
          const own = data.error === null ? { kind: 'exited', status: 0 } as const : endingOfText(data.error)
          finish(process.ending ?? own, true)
        } else void this.#answer(data.index, data.args, finish)
      })
      worker.onError((error) => finish(endingOf(error)))
      watch()
      const meter = program.metered ? { fuel: FUEL, refill: REFILL, quantum: QUANTUM } : null
      worker.start({ module: program.module, imports, memory, meter, entries, state, port: port2 })
    })
  }

  /** Makes the call and lets the worker go on, or tells how the program ends by it. */
  async #answer(
    index: number, args: readonly (number | bigint)[], finish: (ending: Ending) => void,
  ): Promise<void> {
    const process = this.#process
    const state = this.#state
    try {
      await whileHeld(process)
      process.lookAlive()
      state[1] = index === LOOK ? 0 : await (this.#calls[index] as Import)(...args) as number
    } catch (error) {
      return finish(process.ending ?? endingOf(error))
    }
    Atomics.store(state, 0, ANSWERED)
    Atomics.notify(state, 0)
  }

  /** `thread-spawn` of wasi-threads: the number of the new thread, or -errno. */
  #spawn(argument: number): number {
    const { sys, task, machine } = this.#process
    const tid = sys.clone(task, THREAD, 0, null, null, 0)
    if (tid < 0) return tid
    const thread = machine.as(task, () => machine.tasks.findByVpid(tid)) as Task
    const process = this.#process.threadOf(thread)
    if (this.#memory !== null) process.memory.attach(this.#memory)
    void new Thread(process, this.#program, this.#memory).#runToExit(tid, argument)
    return tid
  }

  /** One that returns ends by itself; what else ends it ends all. */
  async #runToExit(tid: number, argument: number): Promise<void> {
    const process = this.#process
    const { sys, task, machine } = process
    const ending = await this.run([['wasi_thread_start', tid, argument]])
    if ((task.flags & PF_EXITING) !== 0) return
    if (ending.kind === 'killed') {
      machine.exits.dieOf(task, ending.signal, false)
      machine.runRcu()
    } else if (process.ending === null) sys.exit(task, 0)
    else sys.exit_group(task, ending.kind === 'exited' ? ending.status : 1)
  }
}

const THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM
