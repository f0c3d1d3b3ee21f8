/**
 * The linear memory that programs see: kernel objects, what programs may only read, and what they may write. A
 * program's pointer is an address in it, with 32 zero bits above.
 *
 *     0 … 4095        never used, reads as 0: what a null pointer with an offset reaches
 *     4096 …          kernel objects (core's memory-backed views)
 *     readOnlyStart … for programs to read: keys and buckets of maps, frozen map values, contexts of LSM programs
 *     dataStart …     for programs to read and write: map values, stacks, records, objects they allocate
 *
 * INVARIANT: compiled code and helpers store on behalf of a program only at or above `dataStart`, whatever the verifier
 * said of it. Whatever a wrong store must not be able to break (chains of hash buckets, lengths, kernel objects) lies
 * below.
 */
import { checkOptions, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { BpfMemoryError } from './memory-error.ts'
import { roundUp, Zone } from './zone.ts'

const PAGE = 65536
const MIB = 1024 * 1024
/** Where kernel objects begin, as core's LinearMemory has it. */
export const FIRST_ADDRESS = 4096
/** Set apart for one running stack of frames: 16 nested runs of 8 frames. */
const STACK_SIZE = PAGE

export interface BpfMemoryOptions {
  /** Room for kernel objects, in bytes; reserved, not committed, until they are there. Default 64 MiB. */
  readonly objects?: number
  /** Room for what programs may only read; as above. Default 64 MiB. */
  readonly readOnly?: number
  /** Most bytes of map values and other writable memory, all maps together. Default 512 MiB. */
  readonly data?: number
}

export const memoryRules: OptionRules<BpfMemoryOptions> = {
  objects: wholeNumber(0), readOnly: wholeNumber(0), data: wholeNumber(0),
}

/** Which side of the border a block is on. */
export type Access = 'data' | 'read-only'

export class BpfMemory {
  readonly memory: WebAssembly.Memory
  /** Views of the whole memory; made anew when it grows, so they must not be kept across an `alloc`. */
  u8: Uint8Array
  i32: Int32Array
  view: DataView
  /** Kernel objects lie below: `new LinearMemory(memory.memory, memory.objectsEnd)`. */
  readonly objectsEnd: number
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
  readonly #holders: ((view: DataView) => void)[] = []

  constructor(options: BpfMemoryOptions = {}) {
    checkOptions(options, memoryRules, 'BpfMemory')
    const objects = pages(options.objects ?? 64 * MIB)
    const readOnly = pages(options.readOnly ?? 64 * MIB)
    const data = pages(options.data ?? 512 * MIB)
    const initial = objects + readOnly + STACK_SIZE / PAGE
    const maximum = initial + data
    if (maximum > PAGE) throw new BpfMemoryError('size', `${maximum} pages are more than 32-bit addresses reach`)
    this.memory = new WebAssembly.Memory({ initial, maximum })
    this.u8 = new Uint8Array(this.memory.buffer)
    this.i32 = new Int32Array(this.memory.buffer)
    this.view = new DataView(this.memory.buffer)
    this.objectsEnd = objects * PAGE
    this.dataStart = (objects + readOnly) * PAGE
    this.end = maximum * PAGE
    this.stackLimit = this.dataStart
    this.stackTop = this.dataStart + STACK_SIZE
    this.#readOnly = new Zone(objects * PAGE, this.dataStart)
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

  /** `refresh` is called with the new view after each growth. */
  onGrowth(refresh: (view: DataView) => void): void {
    this.#holders.push(refresh)
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
    for (const refresh of this.#holders) refresh(this.view)
    return true
  }
}

const pages = (size: number): number => Math.ceil(size / PAGE)
