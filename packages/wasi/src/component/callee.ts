/**
 * A host function's view of the component that calls it: where its arguments lie, where answers go, and what it holds.
 * Layouts are those of the canonical ABI: `result` and `option` begin with a discriminant byte, and the value behind it
 * is aligned.
 */
import { SIGILL, SIGSEGV } from '@lsmkit/abi'
import { Kstat } from '@lsmkit/kernel/boot'
import { killed } from '../exit.ts'
import type { GuestMemory } from '../memory.ts'
import type { Process } from '../process.ts'
import { Resolver } from '../resolve.ts'
import { errorCode } from './file-errors.ts'
import type { Resource } from './handles.ts'
import type { ComponentInstance } from './instance.ts'
import type { StringEncoding } from './parts.ts'

const encoder = new TextEncoder()

/** `cabi_realloc`: the old place and its length, how the new one is aligned, and its length. */
export type Realloc = (old: number, length: number, align: number, size: number) => number

export class Callee {
  readonly process: Process
  readonly memory: GuestMemory
  /** The holder of the memory and of the handles. */
  readonly instance: ComponentInstance
  readonly encoding: StringEncoding
  readonly resolver: Resolver
  /** Attributes of one file, filled by each call that asks for them. */
  readonly stat = new Kstat()
  readonly #realloc: Realloc | null

  constructor(
    process: Process, memory: GuestMemory, instance: ComponentInstance, realloc: Realloc | null,
    encoding: StringEncoding = 'utf8',
  ) {
    this.process = process
    this.memory = memory
    this.instance = instance
    this.#realloc = realloc
    this.encoding = encoding
    this.resolver = new Resolver(process.sys, process.task, memory, process.descriptors)
  }

  /** Ends a component that breaks the rules of its calls. */
  trap(reason: string, signal = SIGILL): never {
    return this.process.stop(killed(signal, `trap: ${reason}`))
  }

  /** The range, as an address that is not negative; a component that does not have it ends. */
  range(address: number, length: number): number {
    const at = address >>> 0
    return this.memory.has(at, length) ? at : this.trap('a pointer out of bounds', SIGSEGV)
  }

  /** Bytes of the component's own, valid until its memory grows. */
  bytes(address: number, length: number): Uint8Array {
    const size = length >>> 0
    const at = this.range(address, size)
    return this.memory.bytes.subarray(at, at + size)
  }

  /** A number that must stand for a resource of this type. */
  resource<T extends Resource>(index: number, type: abstract new (...args: never[]) => T): T {
    return this.instance.handles.get(index, type) ?? this.trap(`no such resource: ${index}`)
  }

  /** Takes the resource that this number stands for, for good. */
  take<T extends Resource>(index: number, type: abstract new (...args: never[]) => T): T {
    return this.instance.handles.take(index, type) ?? this.trap(`no such resource to give away: ${index}`)
  }

  hand(resource: Resource): number {
    const index = this.instance.handles.add(resource)
    if (index !== 0) return index
    resource.drop()
    return this.trap('too many resources')
  }

  /** Room that the component makes. It may compute meanwhile, and not wait. */
  allocate(size: number, align: number): number {
    const realloc = this.#realloc
    if (realloc === null) return this.trap('no function that makes room')
    const { instance } = this
    instance.mayLeave = false
    const at = realloc(0, 0, align, size)
    instance.mayLeave = true
    return this.range(this.aligned(at, align), size)
  }

  /** The address, not negative; a component that gives one which is not aligned ends. */
  aligned(address: number, align: number): number {
    const at = address >>> 0
    return at % align === 0 ? at : this.trap('a pointer that is not aligned')
  }

  /** Traps while the component may not call out. */
  leaves(): void {
    if (!this.instance.mayLeave) this.trap('a call out of a component that makes room or cleans up')
  }

  /** Puts a list of bytes into the component, and its place and length at `at`. */
  putBytes(at: number, bytes: Uint8Array): void {
    const address = bytes.length === 0 ? 1 : this.allocate(bytes.length, 1)
    if (bytes.length > 0) this.memory.bytes.set(bytes, address)
    this.put32(at, address, bytes.length)
  }

  putText(at: number, text: string): void {
    this.putBytes(at, encoder.encode(text))
  }

  put8(at: number, ...values: readonly number[]): void {
    const start = this.range(at, values.length)
    values.forEach((value, i) => this.memory.view.setUint8(start + i, value))
  }

  put32(at: number, ...values: readonly number[]): void {
    const start = this.range(at, values.length * 4)
    values.forEach((value, i) => this.memory.view.setUint32(start + i * 4, value, true))
  }

  put64(at: number, ...values: readonly (number | bigint)[]): void {
    const start = this.range(at, values.length * 8)
    values.forEach((value, i) => this.memory.view.setBigUint64(start + i * 8, BigInt(value), true))
  }

  /** A `result` that went well, or its `error-code`: `errno` of preview 1, and how far what follows is aligned. */
  putResult(at: number, errno: number, align = 1): boolean {
    this.put8(at, errno === 0 ? 0 : 1)
    if (errno !== 0) this.put8(at + align, errorCode(errno))
    return errno === 0
  }
}
