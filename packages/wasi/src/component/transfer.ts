/** One passing of values between a component and what is outside of it. */
import { SIGSEGV } from '@lsmkit/abi'
import type { Callee } from './callee.ts'
import { CallScope } from './resources.ts'
import type { Handle } from './resources.ts'

/** A list or an answer has as many numbers, strings and cases at most as are read one by one in a moment. */
const MOST_VALUES = 2 ** 21

export class Transfer {
  readonly callee: Callee
  /** Handles that the component lends for the call, to be given back after it. */
  readonly lenders: Handle[] = []
  /** The call that lends resources to the component. */
  readonly scope = new CallScope()
  /** The numbers of handles pass, not what they stand for. */
  readonly keepsNumbers: boolean
  /** How many values were read, and bytes of lists and strings. */
  #values = 0
  #spent = 0

  constructor(callee: Callee, keepsNumbers = false) {
    this.callee = callee
    this.keepsNumbers = keepsNumbers
  }

  count(values: number): void {
    this.#values += values
    if (this.#values > MOST_VALUES) this.callee.trap('an answer of more than 2^21 values')
  }

  /** Counts bytes that are read. Lists may overlap, so their sum could exceed the memory: then the component ends. */
  spend(length: number): number {
    const { memory } = this.callee
    this.#spent += length
    if (this.#spent > memory.bytes.length) return this.callee.trap('an answer longer than the memory', SIGSEGV)
    return length
  }

  giveBack(): void {
    for (const handle of this.lenders) handle.lends -= 1
  }
}
