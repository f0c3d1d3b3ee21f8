/** The table of handles as accessors see it. */
import type { Kind } from './kind.ts'

/** Where handles are: no memory of programs reaches so far. */
export interface HandleRange {
  readonly start: number
  readonly end: number
}

/** A pointer's type: a struct, which may lie inside of the object's own. */
export interface StructRef {
  readonly kind: Kind
  readonly offset: number
}

export interface ObjectSlots {
  /** By slot, its object and what that is; the arrays stay the same. */
  readonly slots: readonly (object | string | null)[]
  readonly kinds: readonly (Kind | null)[]
  /** An address of a slot is `range.start + (slot << shift)`. */
  readonly shift: number
  readonly range: HandleRange
  refOf(struct: string): StructRef | null
  address(object: object | null | undefined, ref: StructRef): number
  load(low: number, high: number, size: number): number
}
