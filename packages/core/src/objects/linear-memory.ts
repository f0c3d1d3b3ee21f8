/** Linear memory that kernel objects lie in: blocks by address, and addresses for objects. */

/** What a WebAssembly.Memory is; another holder of bytes that can grow will do. */
export interface GrowableMemory {
  readonly buffer: ArrayBufferLike
  /** Adds pages of 64 KiB. */
  grow(pages: number): number
}

const PAGE = 65536
/** Blocks start at multiples of 8, the first behind what a null pointer with an offset could reach. */
const ALIGN = 8
const FIRST_ADDRESS = 4096
/** Numbers for objects that lie elsewhere: no memory is that large, so a program that follows one reads nothing. */
const FIRST_HANDLE = 0xf000_0000

/** An object with a place in memory. */
export interface Placed {
  readonly addr: number
}

export class LinearMemory {
  /** Of the whole memory; a new one after each growth, so it must not be kept. */
  view: DataView
  /**
   * Gives an object that lies elsewhere a place in this memory, 0 when it has none for it; asked whenever a pointer to
   * one is written.
   */
  place: ((object: object) => number) | null = null
  private readonly memory: GrowableMemory
  private readonly limit: number
  private top = FIRST_ADDRESS
  private readonly spare = new Map<number, number[]>()
  private readonly handles = new WeakMap<object, number>()
  private nextHandle = FIRST_HANDLE
  private readonly owners = new FinalizationRegistry<readonly [addr: number, size: number]>(([addr, size]) => {
    this.free(addr, size)
  })

  /** Blocks lie below `limit`: above it the memory belongs to somebody else. */
  constructor(memory: GrowableMemory = new PlainMemory(), limit = FIRST_HANDLE) {
    this.memory = memory
    this.limit = limit
    this.view = new DataView(memory.buffer)
  }

  /** Zeroed bytes. They are free again when `owner` is collected. Throws RangeError when there is no room. */
  alloc(size: number, owner: object): number {
    const rounded = Math.ceil(size / ALIGN) * ALIGN
    const addr = this.spare.get(rounded)?.pop() ?? this.extend(rounded)
    new Uint8Array(this.view.buffer, addr, rounded).fill(0)
    this.owners.register(owner, [addr, rounded])
    return addr
  }

  /** Address of an object of this memory, a number of its own for any other, 0 for null. */
  addressOf(object: object | null): number {
    if (object === null) return 0
    if (object instanceof MemoryObject && object.memory === this) return object.addr
    const placed = this.place === null ? 0 : this.place(object)
    if (placed !== 0) return placed
    let handle = this.handles.get(object)
    if (handle === undefined) {
      handle = this.nextHandle
      this.nextHandle += ALIGN
      this.handles.set(object, handle)
    }
    return handle
  }

  writePointer(at: number, object: object | null): void {
    this.view.setUint32(at, this.addressOf(object), true)
    this.view.setUint32(at + 4, 0, true)
  }

  /** Up to `size` bytes of UTF-8, cut so that a NUL still fits; the rest is zeroed. */
  writeText(at: number, size: number, text: string): void {
    const bytes = new Uint8Array(this.view.buffer, at, size).fill(0)
    new TextEncoder().encodeInto(text, bytes.subarray(0, size - 1))
  }

  /** Numbers beyond 53 bits lose their low bits, as everywhere in the object interfaces. */
  write64(at: number, value: number): void {
    this.view.setUint32(at, value >>> 0, true)
    this.view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000) >>> 0, true)
  }

  readUnsigned64(at: number): number {
    return this.view.getUint32(at + 4, true) * 0x1_0000_0000 + this.view.getUint32(at, true)
  }

  readSigned64(at: number): number {
    return this.view.getInt32(at + 4, true) * 0x1_0000_0000 + this.view.getUint32(at, true)
  }

  private extend(size: number): number {
    const addr = this.top
    if (addr + size > this.limit) throw new RangeError(`no room for ${size} bytes of kernel objects`)
    this.top += size
    const missing = this.top - this.memory.buffer.byteLength
    if (missing > 0) {
      this.memory.grow(Math.ceil(missing / PAGE))
      this.view = new DataView(this.memory.buffer)
    }
    return addr
  }

  private free(addr: number, size: number): void {
    const blocks = this.spare.get(size)
    if (blocks) blocks.push(addr)
    else this.spare.set(size, [addr])
  }
}

/** The base of objects in memory. */
export class MemoryObject implements Placed {
  readonly memory: LinearMemory
  /** Where it lies: what a pointer to it holds. */
  readonly addr: number

  constructor(memory: LinearMemory, size: number) {
    this.memory = memory
    this.addr = memory.alloc(size, this)
  }
}

/** Bytes without WebAssembly: for tests and for hosts that only want the layout. */
class PlainMemory implements GrowableMemory {
  buffer = new ArrayBuffer(PAGE)

  grow(pages: number): number {
    const old = this.buffer
    this.buffer = new ArrayBuffer(old.byteLength + pages * PAGE)
    new Uint8Array(this.buffer).set(new Uint8Array(old))
    return old.byteLength / PAGE
  }
}
