/**
 * Addresses for what hooks are handed. Objects of memory-backed factories have one already. Other objects that those
 * point to (mounts, name spaces, address spaces) get a place for life, brought up to date for the programs that know
 * their types. Anything else is copied in for the call: objects by the layout of their struct, texts, bytes.
 */
import { LinearMemory, MemoryObject } from '@lsmkit/core'
import type { BpfMemory } from '../vm/memory.ts'
import { kernelStructs } from '../vmlinux/index.ts'
import type { KernelField, KernelStruct } from '../vmlinux/index.ts'

/** A field that only one kind of plain object has, and the struct it is. */
const SIGNATURES: readonly (readonly [field: string, struct: string])[] = [
  ['mnt_root', 'vfsmount'],
  ['parent_could_setfcap', 'user_namespace'],
  ['exe_file', 'mm_struct'],
  ['fs_flags', 'file_system_type'],
  ['oom_score_adj', 'signal_struct'],
  ['pwd', 'fs_struct'],
]

interface Placed {
  readonly object: WeakRef<object>
  readonly address: number
  /** Fields that are numbers, as they were copied last. */
  readonly numbers: Record<string, number>
}

/** Room for the copies of all calls that are running. */
const ROOM = 256 * 1024
const DEPTH = 2

/** Structs whose objects may have a place. */
export const PLACED_STRUCTS: readonly string[] = SIGNATURES.map(([, struct]) => struct)

export class ObjectMemory {
  readonly objects: LinearMemory
  readonly memory: BpfMemory
  /** Next free byte of the room for copies; a call puts it back. */
  top: number
  readonly #end: number
  /** What lies at an address, for helpers that are handed one. */
  readonly #at = new Map<number, WeakRef<object>>()
  readonly #placed = new WeakMap<object, number>()
  /** By struct; those that were collected go when they are met. */
  readonly #places = new Map<string, Placed[]>()

  constructor(memory: BpfMemory) {
    this.memory = memory
    this.objects = new LinearMemory(memory.memory, memory.objectsEnd)
    memory.onGrowth((view) => (this.objects.view = view))
    this.objects.place = (object) => this.#place(object)
    this.top = memory.alloc(ROOM, 64, 'read-only')
    this.#end = this.top + ROOM
  }

  /** Address of an argument, of a struct of that name when it is an object; 0 for what cannot be shown. */
  addressOf(value: unknown, struct: string | null, depth = 0): number {
    if (value === null || value === undefined) return 0
    if (value instanceof MemoryObject && value.memory === this.objects) return this.#note(value.addr, value)
    if (typeof value === 'string') return this.#text(value)
    if (value instanceof Uint8Array) return this.#bytes(value)
    if (typeof value !== 'object') return 0
    if ('value' in value && Object.keys(value).length === 1) return this.#ref((value as { value: unknown }).value)
    const placed = this.#place(value)
    if (placed !== 0) return placed
    const layout = struct === null ? undefined : kernelStructs()[struct]
    if (layout === undefined || depth > DEPTH) return this.objects.addressOf(value)
    const at = this.#take(layout.size)
    if (at === 0) return 0
    this.#fill(at, layout, value, depth)
    return this.#note(at, value)
  }

  /** The object that was shown at an address, while it lives; null when none was. */
  objectAt(address: number): object | null {
    return this.#at.get(address)?.deref() ?? null
  }

  /** An address for life for an object that has no layout of its own: what `value` tells, in a struct of that name. */
  placeAs(object: object, struct: string, value: object): number {
    const known = this.#placed.get(object)
    if (known !== undefined) return known
    const layout = kernelStructs()[struct]!
    const address = this.objects.alloc(layout.size, object)
    this.#placed.set(object, address)
    this.#note(address, object)
    this.#fill(address, layout, value, 0)
    return address
  }

  /** Copies what has changed of objects that have a place. */
  refresh(structs: readonly string[]): void {
    for (const struct of structs) {
      const places = this.#places.get(struct)
      if (places === undefined) continue
      const layout = kernelStructs()[struct]!
      for (let at = places.length - 1; at >= 0; at--) {
        const object = places[at]!.object.deref()
        if (object === undefined) places.splice(at, 1)
        else this.#fillChanged(places[at]!, layout, object as Record<string, unknown>)
      }
    }
  }

  #place(object: object): number {
    const known = this.#placed.get(object)
    if (known !== undefined) return known
    const struct = SIGNATURES.find(([field]) => field in object)?.[1]
    if (struct === undefined) return 0
    const layout = kernelStructs()[struct]!
    const address = this.objects.alloc(layout.size, object)
    this.#placed.set(object, address)
    const places = this.#places.get(struct)
    const placed: Placed = { object: new WeakRef(object), address, numbers: {} }
    if (places) places.push(placed)
    else this.#places.set(struct, [placed])
    this.#note(address, object)
    this.#fill(address, layout, object, DEPTH)
    return address
  }

  #note(address: number, value: object): number {
    if (!this.#at.has(address) || this.#at.get(address)!.deref() !== value) this.#at.set(address, new WeakRef(value))
    return address
  }

  #fill(at: number, { fields }: KernelStruct, value: object, depth: number): void {
    for (const [name, field] of Object.entries(fields)) {
      this.#field(at + field.offset, field, (value as Record<string, unknown>)[name], depth)
    }
  }

  /** As `fill`, without numbers that are what they were. */
  #fillChanged({ address, numbers }: Placed, { fields }: KernelStruct, object: Record<string, unknown>): void {
    for (const name in fields) {
      const value = object[name]
      if (typeof value === 'number') {
        if (value === numbers[name]) continue
        numbers[name] = value
      }
      this.#field(address + fields[name]!.offset, fields[name]!, value, DEPTH)
    }
  }

  #field(at: number, { size, form, struct }: KernelField, value: unknown, depth: number): void {
    const { memory } = this
    if (value === undefined) return
    switch (form) {
      case 'unsigned': case 'signed': return this.#number(at, size, Number(value))
      case 'text': return this.objects.writeText(at, size, String(value))
      case 'caps': {
        const { lo, hi } = value as { lo: number; hi: number }
        memory.view.setInt32(at, lo, true)
        return memory.view.setInt32(at + 4, hi, true)
      }
      case 'path': {
        const { mnt, dentry } = (value ?? {}) as { mnt?: unknown; dentry?: unknown }
        this.#pointer(at, this.addressOf(mnt, 'vfsmount', depth + 1))
        return this.#pointer(at + 8, this.addressOf(dentry, 'dentry', depth + 1))
      }
      case 'qstr': {
        const { name } = value as { name: string }
        memory.view.setUint32(at + 4, new TextEncoder().encode(name).length, true)
        return this.#pointer(at + 8, this.#text(name))
      }
      case 'struct': {
        const inner = struct === null ? undefined : kernelStructs()[struct]
        if (inner !== undefined && typeof value === 'object' && value !== null) this.#fill(at, inner, value, depth)
        return
      }
      case 'array': return
      default: return this.#pointer(at, this.addressOf(value, struct ?? null, depth + 1))
    }
  }

  #number(at: number, size: number, value: number): void {
    const { view } = this.memory
    if (size === 1) view.setInt8(at, value)
    else if (size === 2) view.setInt16(at, value, true)
    else view.setInt32(at, value | 0, true)
    if (size === 8) view.setInt32(at + 4, Math.floor(value / 0x1_0000_0000) | 0, true)
  }

  #pointer(at: number, address: number): void {
    this.memory.view.setUint32(at, address, true)
    this.memory.view.setUint32(at + 4, 0, true)
  }

  #text(text: string): number {
    const bytes = new TextEncoder().encode(text)
    const at = this.#take(bytes.length + 1)
    if (at !== 0) this.memory.u8.set(bytes, at)
    return at
  }

  #bytes(bytes: Uint8Array): number {
    const at = this.#take(bytes.length)
    if (at !== 0) this.memory.u8.set(bytes, at)
    return at
  }

  #ref(value: unknown): number {
    if (typeof value === 'string') return this.#text(value)
    const at = this.#take(8)
    if (at !== 0) this.#number(at, 8, Number(value ?? 0) || 0)
    return at
  }

  /** Zeroed bytes; 0 when the room is used up. */
  #take(size: number): number {
    const at = this.top
    const next = at + Math.ceil(Math.max(size, 1) / 8) * 8
    if (next > this.#end) return 0
    this.top = next
    this.memory.u8.fill(0, at, next)
    return at
  }
}
