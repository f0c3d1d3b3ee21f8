/**
 * A component in a worker: the instances of its core modules. The thread of the kernel puts it together and has its
 * canonical ABI. Each thread calls functions of the other, one at a time.
 */
import { errorToTell, meterInstance } from './in-worker.ts'
import type { Tell } from './in-worker.ts'
import { Line, SAYS } from './line.ts'
import type { LineWord } from './line.ts'
import { LOOK } from './messages.ts'
import type { ComponentStart, InstanceStep } from './messages.ts'

type Call = (...words: readonly LineWord[]) => LineWord | undefined

class ComponentGuest {
  readonly #modules: readonly WebAssembly.Module[]
  readonly #tell: Tell
  readonly #line: Line
  /** Exports of all instances, by their numbers. */
  readonly #exports: unknown[] = []

  constructor({ modules, line }: ComponentStart, tell: Tell) {
    this.#modules = modules
    this.#tell = tell
    this.#line = new Line(line, true)
  }

  /** Until the component is over. */
  run(steps: readonly InstanceStep[]): void {
    this.#said(() => {
      for (const step of steps) this.#instantiate(step)
      return undefined
    })
    this.#attend()
  }

  #instantiate({ module: index, imports, meter, starter }: InstanceStep): void {
    const module = this.#modules[index]!
    // no names but those of the program; who has made them is not to be trusted
    const given = Object.create(null) as Record<string, WebAssembly.ModuleImports>
    for (const [from, name, of] of imports) {
      const functions = given[from] ??= Object.create(null) as WebAssembly.ModuleImports
      functions[name] = (of >= 0 ? this.#exports[of] : (...words: LineWord[]) => this.#ask(~of, words)) as never
    }
    const { exports } = new WebAssembly.Instance(module, given)
    for (const { name } of WebAssembly.Module.exports(module)) {
      const value = exports[name]
      const number = this.#exports.length
      if (value instanceof WebAssembly.Memory) this.#tell({ kind: 'memory', memory: value, number })
      this.#exports.push(value)
    }
    if (meter !== null) meterInstance(exports, meter, () => void this.#ask(LOOK, []))
    if (starter !== null) (exports[starter] as () => void)()
  }

  #say(...said: Parameters<Line['say']>): void {
    const { isHeld } = this.#line
    this.#line.say(...said)
    if (!isHeld) this.#tell({ kind: 'turn' })
  }

  /** Says what comes of a call. */
  #said(call: () => LineWord | undefined): void {
    let value: LineWord | undefined
    try {
      value = call()
    } catch (error) {
      return this.#say(SAYS.threw, 0, [], errorToTell(error))
    }
    this.#say(SAYS.returned, 0, value === undefined ? [] : [value])
  }

  /** Calls a function of the kernel's thread. */
  #ask(number: number, words: readonly LineWord[]): LineWord | undefined {
    this.#say(SAYS.call, number, words)
    return this.#attend()
  }

  /** Makes the calls that are asked for, until an answer comes. */
  #attend(): LineWord | undefined {
    for (;;) {
      while (!this.#line.wait());
      const { says, number, words } = this.#line.heard()
      if (says !== SAYS.call) return words[0]
      this.#said(() => (this.#exports[number] as Call)(...words))
    }
  }
}

export const runComponentGuest = (start: ComponentStart, tell: Tell): void =>
  new ComponentGuest(start, tell).run(start.steps)
