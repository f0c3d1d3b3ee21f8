/** Values in the memory of a component that a stream or a future reads or writes. */
import { ProgramError } from '../../errors.ts'
import type { Callee } from '../callee.ts'
import type { ComponentValue } from '../scalars.ts'
import { Transfer } from '../transfer.ts'
import type { ValueType } from '../value-types.ts'
import { loadItems, storeItems } from '../values.ts'
import type { CopyBuffer, Items } from './streams.ts'

/** More values than these are not passed at once. */
const MOST = 2 ** 28 - 1

/** Room for values in the memory of a component, or values that lie there. */
export class Buffer implements CopyBuffer {
  readonly callee: Callee
  readonly of: ValueType | null
  readonly length: number
  done = 0
  readonly #at: number

  constructor(callee: Callee, of: ValueType | null, at: number, length: number) {
    if (length > MOST) callee.trap('more values than a stream takes at once')
    this.callee = callee
    this.of = of
    this.length = length
    this.#at = of === null || length === 0 ? 0 : callee.range(callee.aligned(at, of.align), of.size * length)
  }

  get left(): number {
    return this.length - this.done
  }

  take(count: number): Items {
    const { of, done } = this
    this.done += count
    if (of === null) return Array.from({ length: count }, () => null)
    return loadItems(new Transfer(this.callee), of, this.#at + done * of.size, count) as Items
  }

  put(items: Items): void {
    const { of, done } = this
    this.done += items.length
    if (of === null) return
    try {
      storeItems(new Transfer(this.callee), of, items as readonly ComponentValue[], this.#at + done * of.size)
    } catch (error) {
      // a value of JavaScript that is not of the type
      if (error instanceof ProgramError) this.callee.trap(`${error.summary}, and is in a stream of such`)
      throw error
    }
  }
}
