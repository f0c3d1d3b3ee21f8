/**
 * Handles of objects: who has which, and for how long. A handle is an address; its slot is found by a shift, and what
 * is behind the slot's beginning is a place in the object.
 */
import type { Handled } from '@lsmkit/core'
import type { Kind } from './kind.ts'
import type { HandleRange, StructRef } from './slots.ts'

/** Objects without a hook for their end that keep their handles for programs to come. */
const KEPT = 4096

/** Field `handle` of an object that has ended. */
const ENDED = -1

export class HandleTable {
  readonly range: HandleRange
  readonly shift: number
  /** Bytes from one handle to the next. */
  protected readonly step: number
  /** By slot; slot 0 is unused. */
  readonly slots: (object | string | null)[] = [null]
  readonly kinds: (Kind | null)[] = [null]
  readonly #free: number[] = []
  /** Slots that are given back when the program ends that took them. */
  readonly #shown: number[] = []
  /** A ring of slots that a map may know of, though the program that took them has ended. */
  readonly #kept: number[] = []
  #nextKept = 0
  /** Objects of hosts that have no field for it, and such as another engine has numbered. */
  readonly #others = new WeakMap<object, number>()

  /** `widest`: bytes of the largest struct that is shown. */
  constructor(range: HandleRange, widest: number) {
    this.range = range
    this.shift = Math.max(9, 32 - Math.clz32(widest))
    this.step = 2 ** this.shift
  }

  /** Objects that are shown now for a program's run; `release` brings it back to that. */
  get top(): number {
    return this.#shown.length
  }

  /** Slots in use. */
  get count(): number {
    return this.slots.length - 1 - this.#free.length
  }

  /** A pointer to an object; 0 for null. */
  address(object: object | null | undefined, ref: StructRef): number {
    if (object === null || object === undefined) return 0
    const { handle } = object as Partial<Handled>
    const slot = handle !== undefined && handle > 0 && this.slots[handle] === object && this.kinds[handle] === ref.kind
      ? handle
      : this.#slotOf(object, ref.kind)
    return slot === 0 ? 0 : this.range.start + slot * this.step + ref.offset
  }

  /** Pointer to an object that has one already, 0 for any other. */
  protected known(object: object, { offset }: StructRef): number {
    const { handle } = object as Partial<Handled>
    const isOwn = handle !== undefined && handle > 0 && this.slots[handle] === object
    const slot = isOwn ? handle : (this.#others.get(object) ?? 0)
    return slot === 0 ? 0 : this.range.start + slot * this.step + offset
  }

  /** Gives back what was shown since: at once, or, where a map may have its handle, when KEPT newer ones have come. */
  release(top: number, mayKeep: boolean): void {
    const shown = this.#shown
    while (shown.length > top) {
      const slot = shown.pop()!
      if (slot === 0) continue
      if (!mayKeep || typeof this.slots[slot] === 'string') this.#forget(slot)
      else {
        const oldest = this.#kept[this.#nextKept] ?? 0
        if (oldest !== 0) this.#forget(oldest)
        this.#kept[this.#nextKept] = slot
        this.#nextKept = (this.#nextKept + 1) % KEPT
      }
    }
  }

  /** An object has ended: its handle leads nowhere from here on, and it gets none for its life again. */
  end(object: object): void {
    const handled = object as Partial<Handled>
    const { handle } = handled
    if (handle === undefined) return this.#endForeign(object)
    handled.handle = ENDED
    if (handle > 0 && this.slots[handle] === object) this.#drop(handle)
  }

  /** It may be shown now, or be kept for a while. */
  #endForeign(object: object): void {
    const slot = this.#others.get(object)
    if (slot === undefined) return
    this.#others.delete(object)
    for (const list of [this.#shown, this.#kept]) {
      const at = list.indexOf(slot)
      if (at >= 0) list[at] = 0
    }
    this.kinds[slot]?.met.delete(object)
    this.#drop(slot)
  }

  /** Slot of an address, 0 where there is none. */
  protected slotAt(address: number): number {
    const at = address - this.range.start
    return at < 0 || address >= this.range.end ? 0 : at >>> this.shift
  }

  protected offsetIn(address: number): number {
    return (address - this.range.start) & (this.step - 1)
  }

  /** A slot for the run of a program; 0 when all are taken. */
  protected show(value: object | string, kind: Kind): number {
    const slot = this.#take(value, kind)
    if (slot !== 0) this.#shown.push(slot)
    return slot
  }

  /** Slot of an object that cannot be found by its field at once. */
  #slotOf(object: object, kind: Kind): number {
    const handled = object as Partial<Handled>
    if (handled.handle === 0 && !kind.isNameless) {
      const slot = this.#take(object, kind)
      if (slot === 0) return 0
      handled.handle = slot
      if (!kind.isLasting) this.#shown.push(slot)
      return slot
    }
    const met = kind.met.get(object)
    if (met !== undefined) return met
    const slot = kind.isLasting && handled.handle !== ENDED ? this.#numbered(object, kind) : this.#take(object, kind)
    if (slot === 0) return 0
    kind.met.set(object, slot)
    this.#shown.push(slot)
    return slot
  }

  /** The number that an object without a field keeps for life, though it is shown for a run only. */
  #numbered(object: object, kind: Kind): number {
    const known = this.#others.get(object)
    if (known !== undefined) {
      this.slots[known] = object
      this.kinds[known] = kind
      return known
    }
    const slot = this.#take(object, kind)
    if (slot !== 0) this.#others.set(object, slot)
    return slot
  }

  #take(object: object | string, kind: Kind): number {
    const slot = this.#free.pop() ?? this.slots.length
    if (this.range.start + (slot + 1) * this.step > this.range.end) return 0
    this.slots[slot] = object
    this.kinds[slot] = kind
    return slot
  }

  #drop(slot: number): void {
    this.slots[slot] = null
    this.kinds[slot] = null
    this.#free.push(slot)
  }

  #forget(slot: number): void {
    const object = this.slots[slot]!
    if (typeof object === 'object' && object !== null) {
      const handled = object as Partial<Handled>
      if (handled.handle === slot) handled.handle = 0
      else this.kinds[slot]!.met.delete(object)
      // one that has a number of its own keeps it
      this.slots[slot] = null
      if (this.#others.get(object) === slot) return
    }
    this.#drop(slot)
  }
}
