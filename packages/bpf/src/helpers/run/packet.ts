/** The linear packet behind a context, as helpers move its ends; which contexts have one is known by the machine. */
import type { Machine } from '../../vm/machine.ts'

/** Where a context keeps the packet's ends: offsets of 32-bit words; those it lacks are left out. */
export interface PacketWords {
  readonly data?: number
  readonly dataEnd?: number
  readonly dataMeta?: number
  readonly len: number | null
}

/** Room before and behind a packet that a program may claim. */
const HEADROOM = 256
const TAILROOM = 320
const ETHERNET = 14

const packets = new WeakMap<Machine, Map<number, Packet>>()

/** The packet of a context at that address; null when it has none. */
export const packetAt = (machine: Machine, context: number): Packet | null =>
  packets.get(machine)?.get(context >>> 0) ?? null

export class Packet {
  /** Of the room, then of the packet in it; its headers. */
  readonly head: number
  readonly tail: number
  start: number
  end: number
  meta: number
  readonly mac: number
  readonly network: number
  /** The Ethernet header lies before it. */
  readonly pulled: boolean
  readonly #machine: Machine
  readonly #context: number
  readonly #words: PacketWords

  /** A copy of the frame; `pulled`: its packet begins behind the Ethernet header. */
  constructor(machine: Machine, context: number, frame: Uint8Array, words: PacketWords, pulled: boolean) {
    const { memory } = machine
    this.#machine = machine
    this.#context = context
    this.#words = words
    this.pulled = pulled
    this.head = memory.alloc(HEADROOM + frame.length + TAILROOM)
    this.tail = this.head + HEADROOM + frame.length + TAILROOM
    this.mac = this.head + HEADROOM
    this.network = this.mac + ETHERNET
    memory.u8.set(frame, this.mac)
    this.start = pulled ? this.network : this.mac
    this.end = this.mac + frame.length
    this.meta = this.start
    const known = packets.get(machine)
    if (known === undefined) packets.set(machine, new Map([[context, this]]))
    else known.set(context, this)
    this.tell()
  }

  get length(): number {
    return this.end - this.start
  }

  /** Address of `size` bytes at `offset` of the packet; 0 when they are not all in it. */
  place(offset: number, size: number): number {
    return offset >= 0 && size >= 0 && offset + size <= this.length ? this.start + offset : 0
  }

  /** Moves the ends, when they stay in the room; gained bytes are zeroes. */
  move(start: number, end: number): boolean {
    if (start < this.head || end > this.tail || start > end) return false
    const { u8 } = this.#machine.memory
    if (start < this.start) u8.fill(0, start, this.start)
    if (end > this.end) u8.fill(0, this.end, end)
    this.start = start
    this.end = end
    this.tell()
    return true
  }

  /** Writes the ends to the context. */
  tell(): void {
    const { view } = this.#machine.memory
    const { data, dataEnd, dataMeta, len } = this.#words
    const put = (offset: number | null | undefined, value: number): void => {
      if (offset !== null && offset !== undefined) view.setUint32(this.#context + offset, value, true)
    }
    put(data, this.start)
    put(dataEnd, this.end)
    put(dataMeta, this.meta)
    put(len, this.length)
  }

  free(): void {
    packets.get(this.#machine)?.delete(this.#context)
    this.#machine.memory.free(this.head, this.tail - this.head)
  }
}
