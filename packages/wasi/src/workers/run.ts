/** Runs programs in workers: the kernel stays in its thread, and their imports come to it as messages. */
import { CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_SYSVSEM, CLONE_THREAD, CLONE_VM, PF_EXITING } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
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
import type { WorkerStart } from './messages.ts'
import { Occupied } from './occupied.ts'

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
  readonly #occupied: Occupied
  readonly #calls: readonly Import[]
  readonly #names: readonly (readonly [from: string, name: string])[]

  constructor(process: Process, program: Program, memory: WebAssembly.Memory | null) {
    this.#process = process
    this.#occupied = new Occupied(process)
    this.#program = program
    this.#memory = memory
    const known = knownImports(process, program.module, (argument) => this.#spawn(argument))
    const functions = program.imports.filter(({ kind }) => kind === 'function')
    this.#names = functions.map(({ module, name }) => [module, name])
    this.#calls = functions.map(({ module, name }) => guardWaiting(process, known(module, name).call))
  }

  run(entries: WorkerStart['entries']): Promise<Ending> {
    const { module, metered } = this.#program
    const [occupied, process] = [this.#occupied, this.#process]
    const meter = metered ? { fuel: FUEL, refill: REFILL, quantum: QUANTUM } : null
    return occupied.run((port) => ({
      kind: 'module', module, imports: this.#names, memory: this.#memory, meter, entries, state: this.#state, port,
    }), (news) => {
      if (news.kind === 'memory') process.memory.attach(news.memory)
      else if (news.kind === 'ended') {
        const own = news.error === null ? { kind: 'exited', status: 0 } as const : endingOfText(news.error)
        occupied.finish(process.ending ?? own, true)
      } else if (news.kind === 'call') void this.#answer(news.index, news.args)
    })
  }

  /** Makes the call and lets the worker go on, or tells how the program ends by it. */
  async #answer(index: number, args: readonly (number | bigint)[]): Promise<void> {
    const process = this.#process
    const state = this.#state
    try {
      await whileHeld(process)
      process.lookAlive()
      state[1] = index === LOOK ? 0 : await (this.#calls[index] as Import)(...args) as number
    } catch (error) {
      return this.#occupied.finish(process.ending ?? endingOf(error))
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
