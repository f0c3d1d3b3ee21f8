/**
 * Memory that holds one text, and then another: by a thread, to and fro as fast as it can; or from a hook of the call
 * on, the first in the first call, the second in the second, which is the same each time.
 */
import { Worker } from 'node:worker_threads'

const SIZE = 4096
/** Where it lies in the memory of a program, which has a page. */
export const LIVE_AT = 8192
/** Words of `control`: whether to go on, and how many bytes. */
const ON = 0
const LENGTH = 1

const THREAD = `
const { workerData: { control, page, texts } } = require('node:worker_threads')
const [word, to, both] = [new Int32Array(control), new Uint8Array(page, ${LIVE_AT}, ${SIZE}), new Uint8Array(texts)]
for (;;) {
  Atomics.wait(word, ${ON}, 0)
  const length = word[${LENGTH}]
  to.set(both.subarray(0, length))
  to.set(both.subarray(${SIZE}, ${SIZE} + length))
}`

/** A program's, as one with threads has it. */
const sharedMemory = (): WebAssembly.Memory => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
const liveIn = ({ buffer }: WebAssembly.Memory): Uint8Array => new Uint8Array(buffer, LIVE_AT, SIZE)

export interface Flips {
  /** The memory of the text, from LIVE_AT on. */
  readonly memory: WebAssembly.Memory
  /** The memory, which holds either text from now on. Both are as long. */
  begin(one: Uint8Array, other: Uint8Array): Uint8Array
  /** A call is about to be made, the `number`th. */
  next(number: number): void
  /** A hook is asked. */
  asked(): void
  /** It stays unchanged. */
  end(): void
}

/** By a thread of this process, made when it is first needed. */
export class ThreadFlips implements Flips {
  readonly memory = sharedMemory()
  readonly #control = new Int32Array(new SharedArrayBuffer(8))
  readonly #live = liveIn(this.memory)
  readonly #texts = new Uint8Array(new SharedArrayBuffer(2 * SIZE))

  constructor() {
    const shared = { control: this.#control.buffer, page: this.memory.buffer, texts: this.#texts.buffer }
    new Worker(THREAD, { eval: true, execArgv: [], workerData: shared }).unref()
  }

  begin(one: Uint8Array, other: Uint8Array): Uint8Array {
    this.#texts.set(one)
    this.#texts.set(other, SIZE)
    this.#live.set(one)
    this.#control[LENGTH] = one.length
    Atomics.store(this.#control, ON, 1)
    Atomics.notify(this.#control, ON)
    return this.#live.subarray(0, one.length)
  }
  next(): void {}
  asked(): void {}
  end(): void {
    Atomics.store(this.#control, ON, 0)
  }
}

export class HookFlips implements Flips {
  readonly memory = sharedMemory()
  readonly #live = liveIn(this.memory)
  #texts: readonly Uint8Array[] = []
  /** Hooks until it changes. */
  #left = 0

  begin(one: Uint8Array, other: Uint8Array): Uint8Array {
    this.#texts = [one, other]
    return this.#live.subarray(0, one.length)
  }
  next(number: number): void {
    this.#live.set(this.#texts[0]!)
    this.#left = number + 1
  }
  asked(): void {
    if (--this.#left === 0) this.#live.set(this.#texts[1]!)
  }
  end(): void {
    this.#left = 0
  }
}
