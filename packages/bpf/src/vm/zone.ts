/** A range of addresses that is handed out in blocks: small ones from lists by size, large ones first-fit. */

/** Blocks start and end at multiples of this many bytes. */
const GRAIN = 16
/** Blocks up to this size are kept apart by size and never joined. */
const SMALL = 1024

export interface Block {
  readonly address: number
  readonly size: number
}

export class Zone {
  readonly start: number
  readonly limit: number
  /** Addresses from here on were never handed out. */
  top: number
  /** Bytes handed out now. */
  used = 0
  readonly #small = new Map<number, number[]>()
  /** Large free blocks, by address, none touching the next. */
  readonly #large: Block[] = []

  constructor(start: number, limit: number) {
    this.start = start
    this.limit = limit
    this.top = start
  }

  /** The address of a block, or 0 if there is no room; its contents are those of its last owner. */
  take(size: number, align: number): number {
    const rounded = roundUp(Math.max(size, 1), GRAIN)
    const address = align > GRAIN ? this.#cut(rounded, align) : this.#reuse(rounded) || this.#cut(rounded, GRAIN)
    if (address !== 0) this.used += rounded
    return address
  }

  /** Gives back a block of `take(size)`. */
  give(address: number, size: number): void {
    const rounded = roundUp(Math.max(size, 1), GRAIN)
    this.used -= rounded
    if (rounded > SMALL) return this.#join(address, rounded)
    const spare = this.#small.get(rounded)
    if (spare) spare.push(address)
    else this.#small.set(rounded, [address])
  }

  #reuse(rounded: number): number {
    if (rounded <= SMALL) return this.#small.get(rounded)?.pop() ?? 0
    const at = this.#large.findIndex((block) => block.size >= rounded)
    if (at < 0) return 0
    const { address, size } = this.#large[at]!
    this.#large.splice(at, 1, ...(size > rounded ? [{ address: address + rounded, size: size - rounded }] : []))
    return address
  }

  #cut(rounded: number, align: number): number {
    const address = roundUp(this.top, align)
    if (address + rounded > this.limit) return 0
    if (address > this.top) this.#join(this.top, address - this.top)
    this.top = address + rounded
    return address
  }

  #join(address: number, size: number): void {
    let at = this.#large.findIndex((block) => block.address > address)
    if (at < 0) at = this.#large.length
    const before = this.#large[at - 1]
    const after = this.#large[at]
    const joinsBefore = before !== undefined && before.address + before.size === address
    const joinsAfter = after !== undefined && address + size === after.address
    const start = joinsBefore ? before.address : address
    const end = joinsAfter ? after.address + after.size : address + size
    this.#large.splice(at - (joinsBefore ? 1 : 0), (joinsBefore ? 1 : 0) + (joinsAfter ? 1 : 0), {
      address: start,
      size: end - start,
    })
  }
}

export const roundUp = (value: number, align: number): number => Math.ceil(value / align) * align
