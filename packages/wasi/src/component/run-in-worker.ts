/**
 * Runs a component whose core instances are in a worker. It is put together here, where the kernel is: what its core
 * modules export stands here for what the worker has, and their calls come here. A call that waits keeps the worker
 * waiting, and the kernel's thread goes on.
 */
import { SIGILL } from '@lsmkit/abi'
import { STARTER } from '../binary/defer-start.ts'
import { FUEL, REFILL } from '../binary/meter.ts'
import type { ComponentProgram } from '../component-program.ts'
import { endingOf, endingOfText, killed, trapOf } from '../exit.ts'
import type { Ending } from '../exit.ts'
import type { Import } from '../guard.ts'
import type { Run } from '../life.ts'
import type { GuestMemory } from '../memory.ts'
import type { Process } from '../process.ts'
import type { Program } from '../program.ts'
import { QUANTUM } from '../refill.ts'
import { whileHeld } from '../waiting/suspended.ts'
import { Line, lineBuffer, SAYS } from '../workers/line.ts'
import type { Said } from '../workers/line.ts'
import { LOOK } from '../workers/messages.ts'
import type { InstanceStep, WorkerNews } from '../workers/messages.ts'
import { Occupied } from '../workers/occupied.ts'
import type { CoreFunction } from './calls.ts'
import { bringComponentToLife } from './component.ts'
import type { Living } from './component.ts'
import { givenBy } from './given.ts'
import type { Word } from './scalars.ts'

/** Milliseconds between two looks at a component that computes while this thread waits for it. */
const LOOK_EVERY = 50

class ComponentThread {
  readonly #process: Process
  readonly #program: ComponentProgram
  readonly #occupied: Occupied
  readonly #buffer = lineBuffer()
  readonly #line = new Line(this.#buffer, false)
  readonly #steps: InstanceStep[] = []
  /** What stands here for exports, and their numbers. */
  readonly #numbers = new Map<unknown, number>()
  #count = 0
  /** Functions of ours that core modules import. */
  readonly #ours: Import[] = []
  readonly #ourNumbers = new Map<unknown, number>()
  /** What looks at a memory, by the number of that. */
  readonly #views: (readonly [number: number, view: GuestMemory])[] = []
  /** Take what comes back from calls of the worker; the innermost is the last. */
  readonly #open: ((word: Word | undefined) => void)[] = []
  readonly #living: Living

  /** Throws as `bringComponentToLife` does. */
  constructor({ process, program }: Run) {
    this.#process = process
    this.#program = program as ComponentProgram
    this.#living = bringComponentToLife(this.#program, {
      process, given: givenBy(process.imports), withoutWaiting: (call) => call(),
      wrap: (call) => this.#imported(call),
      enter: (call) => this.#later(call),
      instantiate: (of, imports) => this.#instance(of, imports),
      attach: (view, memory) => this.#attach(view, memory),
    })
    this.#occupied = new Occupied(process)
  }

  run(): Promise<Ending> {
    const { modules } = this.#program
    void this.#live(new Promise((resolve) => this.#open.push(resolve)))
    return this.#occupied.run((port) => ({
      kind: 'component', modules: modules.map(({ module }) => module), steps: this.#steps, line: this.#buffer, port,
    }), (news) => this.#take(news))
  }

  /** Calls the entry once all instances are made. */
  async #live(isMade: Promise<unknown>): Promise<void> {
    const { entry, driven } = this.#living
    const [core, words] = entry!
    try {
      await isMade
      const failed = await (driven === null ? this.#later(core as CoreFunction)(...words()) : driven())
      this.#line.say(SAYS.over, 0, [])
      this.#occupied.finish(this.#process.ending ?? { kind: 'exited', status: (failed ?? 0) === 0 ? 0 : 1 }, true)
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    this.#occupied.finish(this.#process.ending ?? endingOf(error))
  }

  /** A function of ours as an import: what stands for it. */
  #imported(call: Import): unknown {
    const token = (): undefined => undefined
    this.#ourNumbers.set(token, this.#ours.push(call) - 1)
    return token
  }

  #instance(of: Program, given: WebAssembly.Imports): WebAssembly.Exports {
    const imports = of.imports.flatMap(({ module: from, name }): InstanceStep['imports'] => {
      const value: unknown = given[from]?.[name]
      const [number, our] = [this.#numbers.get(value), this.#ourNumbers.get(value)]
      // the engine of the worker reports what is missing
      return number !== undefined ? [[from, name, number]] : our === undefined ? [] : [[from, name, ~our]]
    })
    this.#steps.push({
      module: this.#program.modules.indexOf(of), imports,
      meter: of.metered ? { fuel: FUEL, refill: REFILL, quantum: QUANTUM } : null,
      starter: of.built.startsLater ? STARTER : null,
    })
    return Object.fromEntries(of.exports.map(({ name, kind }) => [name, this.#standIn(kind)])) as WebAssembly.Exports
  }

  #standIn(kind: WebAssembly.ImportExportKind): unknown {
    const number = this.#count++
    const value: unknown = kind === 'function' ? (...words: readonly Word[]) => this.#callNow(number, words)
      : kind === 'memory' ? new WebAssembly.Memory({ initial: 0, maximum: 0, shared: true }) : {}
    this.#numbers.set(value, number)
    return value
  }

  #attach(view: GuestMemory, memory: WebAssembly.Memory): void {
    const number = this.#numbers.get(memory)!
    this.#views.push([number, view])
  }

  #take(news: WorkerNews): void {
    if (news.kind === 'memory') {
      for (const [number, view] of this.#views) if (number === news.number) view.attach(news.memory)
    } else if (news.kind === 'turn') this.#turn(this.#line.heard())
  }

  #turn(said: Said): void {
    if (said.says === SAYS.call) return void this.#answer(said)
    const open = this.#open.pop()
    if (said.error === null) open?.(said.words[0])
    else this.#occupied.finish(this.#process.ending ?? endingOfText(said.error))
  }

  #our(number: number, words: readonly Word[]): unknown {
    if (number !== LOOK) return this.#ours[number]!(...words)
    this.#process.lookAlive()
    return undefined
  }

  /** Answers a call of the worker's, now or later. */
  async #answer({ number, words }: Said): Promise<void> {
    try {
      await whileHeld(this.#process)
      this.#process.lookAlive()
      const value = await this.#our(number, words)
      if (!this.#occupied.isOver) this.#line.say(SAYS.returned, 0, value === undefined ? [] : [value])
    } catch (error) {
      this.#fail(error)
    }
  }

  /** The same function, as a call that the kernel's thread goes on beside. */
  #later(call: CoreFunction): CoreFunction {
    const number = this.#numbers.get(call)
    if (number === undefined) return call
    return (...words) => new Promise((resolve) => {
      this.#open.push(resolve)
      this.#line.say(SAYS.call, number, words)
    })
  }

  /** Calls the worker, and sleeps until that has come back. What it calls meanwhile may not wait. */
  #callNow(number: number, words: readonly Word[]): Word | undefined {
    const [line, process] = [this.#line, this.#process]
    const wasHeld = line.isHeld
    line.isHeld = true
    line.say(SAYS.call, number, words)
    for (;;) {
      while (!line.wait(Math.max(1, Math.min(LOOK_EVERY, process.budget.left)))) process.lookAlive()
      const said = line.heard()
      if (said.error !== null) return trapOf(said.error)
      if (said.says === SAYS.returned) {
        line.isHeld = wasHeld
        return said.words[0]
      }
      const value = this.#our(said.number, said.words)
      if (value instanceof Promise) {
        value.catch(() => {})
        return process.stop(killed(SIGILL, 'trap: a call that waits where the component cannot wait'))
      }
      line.say(SAYS.returned, 0, value === undefined ? [] : [value])
    }
  }
}

/** Runs the entry of a component to its end, in a worker of its own. */
export const componentInWorker = async (run: Run): Promise<Ending> => {
  try {
    return await new ComponentThread(run).run()
  } catch (error) {
    return run.process.ending ?? endingOf(error)
  }
}
