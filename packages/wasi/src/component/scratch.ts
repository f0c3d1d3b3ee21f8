/** A memory of our own for calls of functions of WASI that work on the memory of their caller. */
import { GuestMemory } from '../memory.ts'

const PAGE = 65536
/** Where what is placed begins: beyond it lies what a call answers. */
const START = 64

/** Memory that is filled from its beginning, call by call. */
export class Scratch {
  readonly memory = new WebAssembly.Memory({ initial: 1 })
  readonly guest = new GuestMemory()
  #next = START

  constructor() {
    this.guest.attach(this.memory)
  }

  clear(): void {
    this.#next = START
  }

  readonly realloc = (_: number, __: number, align: number, size: number): number => this.place(size, align)

  place(size: number, align: number): number {
    const at = Math.ceil(this.#next / align) * align
    this.#next = at + size
    const missing = this.#next - this.memory.buffer.byteLength
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE))
    return at
  }
}
