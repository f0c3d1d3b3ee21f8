/**
 * The linear memory that programs see: what they may only read, and what they may write. A program's pointer is an
 * address in it, with 32 zero bits above.
 *
 *     0 … 4095    never used, reads as 0: what a null pointer with an offset reaches
 *     4096 …      for programs to read: keys and buckets of maps, frozen map values
 *     dataStart … for programs to read and write: map values, stacks, contexts of hooks, records, what they allocate
 *     end …       no memory: handles of kernel objects
 *
 * INVARIANT: compiled code and helpers store on behalf of a program only at or above `dataStart`, whatever the verifier
 * said of it. Structures that a wrong store must not be able to break (chains of hash buckets, lengths) lie below.
 */
import { checkOptions, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { BpfMemoryError } from './memory-error.ts'
import { roundUp, Zone } from './zone.ts'

const PAGE = 65536
const MIB = 1024 * 1024
/** 3 GiB: above are the addresses of kernel objects and functions. */
const MOST_PAGES = 49152
/** Nothing lies below. */
export const FIRST_ADDRESS = 4096
/** Set apart for one running stack of frames: 16 nested runs of 8 frames. */
const STACK_SIZE = PAGE

export interface BpfMemoryOptions {
  /** Room for what programs may only read, in bytes; reserved, not committed, until it is used. Default 64 MiB. */
  readonly readOnly?: number
  /** Most bytes of map values and other writable memory, all maps together. Default 512 MiB. */
  readonly data?: number
}

export const memoryRules: OptionRules<BpfMemoryOptions> = {
  readOnly: wholeNumber(0), data: wholeNumber(0),
}

/** Which side of the border a block is on. */
export type Access = 'data' | 'read-only'

/** The memory of a machine: grows as it is asked for, up to a limit. Addresses are bytes from its start. */
export class BpfMemory {
  readonly memory: WebAssembly.Memory
  /** Views of the whole memory; made anew when it grows, so they must not be kept across an `alloc`. */
  u8: Uint8Array
  i32: Int32Array
  view: DataView
  /** Programs may write from here on. */
  readonly dataStart: number
  /** First address behind the largest size that this memory can have. */
  readonly end: number
  /** Highest address of the stack of a program that runs first; frames go down from here. */
  readonly stackTop: number
  /** Lowest address a frame may have. */
  readonly stackLimit: number
  readonly #readOnly: Zone
  readonly #data: Zone

  constructor(options: BpfMemoryOptions = {}) {
    checkOptions(options, memoryRules, 'BpfMemory')
    const { readOnly, initial, maximum } = checkMemory(options)
    this.memory = new WebAssembly.Memory({ initial, maximum })
    this.u8 = new Uint8Array(this.memory.buffer)
    this.i32 = new Int32Array(this.memory.buffer)
    this.view = new DataView(this.memory.buffer)
    this.dataStart = readOnly * PAGE
    this.end = maximum * PAGE
    this.stackLimit = this.dataStart
    this.stackTop = this.dataStart + STACK_SIZE
    this.#readOnly = new Zone(FIRST_ADDRESS, this.dataStart)
    this.#data = new Zone(this.stackTop, this.end)
  }

  /** Zeroed bytes at a multiple of `align` (a power of two). Throws BpfMemoryError `no-room` past the limit. */
  alloc(size: number, align = 8, access: Access = 'data'): number {
    const address = this.tryAlloc(size, align, access)
    if (address === 0) throw new BpfMemoryError('no-room', `no room for ${size} bytes of ${access} memory`)
    return address
  }

  /** As `alloc`; 0 when there is no room. */
  tryAlloc(size: number, align = 8, access: Access = 'data'): number {
    if (!Number.isSafeInteger(size) || size < 0) return 0
    const zone = access === 'data' ? this.#data : this.#readOnly
    const address = zone.take(size, align)
    if (address === 0) return 0
    if (address + size > this.u8.length && !this.#grow(address + size)) {
      zone.give(address, size)
      return 0
    }
    this.u8.fill(0, address, address + size)
    return address
  }

  /** Gives back what `alloc(size)` returned. */
  free(address: number, size: number): void {
    if (address !== 0) (address >= this.dataStart ? this.#data : this.#readOnly).give(address, size)
  }

  /** Bytes handed out now, writable and read-only. */
  get used(): number {
    return this.#data.used + this.#readOnly.used
  }

  /** Whether a program may read these bytes: none of the first 4096, none behind the end. */
  mayRead(address: number, size: number): boolean {
    return address >= FIRST_ADDRESS && size >= 0 && address + size <= this.u8.length
  }

  /** Whether a program, or a helper for it, may write these bytes. */
  mayWrite(address: number, size: number): boolean {
    return address >= this.dataStart && size >= 0 && address + size <= this.u8.length
  }

  #grow(size: number): boolean {
    const missing = roundUp(size - this.u8.length, PAGE) / PAGE
    // by an eighth at least, so that many small maps do not make many views
    const generous = Math.min(Math.max(missing, this.u8.length / PAGE >> 3), (this.end - this.u8.length) / PAGE)
    try {
      this.memory.grow(Math.max(missing, generous))
    } catch {
      return false
    }
    this.u8 = new Uint8Array(this.memory.buffer)
    this.i32 = new Int32Array(this.memory.buffer)
    this.view = new DataView(this.memory.buffer)
    return true
  }
}

/** Sizes in pages. Throws BpfMemoryError `size` where there cannot be as many. */
export const checkMemory = (
  options: BpfMemoryOptions = {},
): { readonly readOnly: number; readonly initial: number; readonly maximum: number } => {
  const readOnly = pages(options.readOnly ?? 64 * MIB)
  const initial = readOnly + STACK_SIZE / PAGE
  const maximum = initial + pages(options.data ?? 512 * MIB)
  if (maximum > MOST_PAGES) throw new BpfMemoryError('size', `${maximum} pages are more than ${MOST_PAGES}`)
  return { readOnly, initial, maximum }
}

const pages = (size: number): number => Math.ceil(size / PAGE)
