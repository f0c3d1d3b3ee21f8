/** Calls between two threads, in both directions: a name and data, and an answer or an error. */
import { SandboxError } from '../sandbox-error.ts'
import { errorData, errorOf } from './error-data.ts'
import type { ErrorData } from './error-data.ts'

type Message =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly kind: 'tell'; readonly name: string; readonly args: readonly unknown[] }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: ErrorData }

/** The other thread. */
export interface Wire {
  send(message: unknown): void
  receive(take: (message: unknown) => void): void
}

// eslint-disable-next-line typescript/no-explicit-any -- each handler has a signature of its own
export type Handlers = Readonly<Record<string, (...args: any[]) => unknown>>

/** Whether it has the form of a message. A program that has escaped into the process of a kernel may send anything. */
const isMessage = (message: unknown, handlers: Handlers): message is Message => {
  if (typeof message !== 'object' || message === null) return false
  const { kind, name, args } = message as { readonly [Key in 'kind' | 'name' | 'args']?: unknown }
  if (kind === 'answer' || kind === 'error') return true
  return (kind === 'call' || kind === 'tell') &&
    typeof name === 'string' && Object.hasOwn(handlers, name) && Array.isArray(args)
}

interface Asked {
  resolve(value: unknown): void
  reject(error: unknown): void
}

export class Rpc {
  readonly #wire: Wire
  readonly #asked = new Map<number, Asked>()
  #lastId = 0
  /** Why it is over. */
  #over: Error | null = null
  /** Called when the first call begins to wait, and when the last has its answer. */
  onBusy: (isBusy: boolean) => void = () => {}

  constructor(wire: Wire, handlers: Handlers) {
    this.#wire = wire
    wire.receive((message) => {
      if (isMessage(message, handlers)) void this.#take(message, handlers)
      else this.end(new SandboxError('worker-ended', 'the worker of the kernels sends other things than messages'))
    })
  }

  call(name: string, ...args: readonly unknown[]): Promise<unknown> {
    if (this.#over !== null) return Promise.reject(this.#over)
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      if (this.#asked.size === 1) this.onBusy(true)
      this.#wire.send({ kind: 'call', id, name, args } satisfies Message)
    })
  }

  /** Without an answer. */
  tell(name: string, ...args: readonly unknown[]): void {
    if (this.#over === null) this.#wire.send({ kind: 'tell', name, args } satisfies Message)
  }

  /** Nobody answers any more. */
  end(error: Error): void {
    this.#over ??= error
    for (const { reject } of this.#asked.values()) reject(error)
    this.#asked.clear()
    this.onBusy(false)
  }

  async #take(message: Message, handlers: Handlers): Promise<void> {
    if (message.kind === 'tell') return void handlers[message.name]!(...message.args)
    if (message.kind === 'call') {
      const { id, name, args } = message
      let answer: Message
      try {
        answer = { kind: 'answer', id, value: await handlers[name]!(...args) }
      } catch (error) {
        answer = { kind: 'error', id, error: errorData(error) }
      }
      return this.#wire.send(answer)
    }
    const asked = this.#asked.get(message.id)
    this.#asked.delete(message.id)
    if (this.#asked.size === 0) this.onBusy(false)
    if (message.kind === 'answer') asked?.resolve(message.value)
    else asked?.reject(errorOf(message.error))
  }
}
