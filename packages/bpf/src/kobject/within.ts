/** Pointers that are members and that lead into an object, and objects that stand for a struct of their own. */

/** A pointer to a member of an object, `bias` bytes behind it. */
export class Within {
  readonly object: object
  readonly struct: string
  readonly member: string
  readonly bias: number

  constructor(object: object, struct: string, member: string, bias = 0) {
    this.object = object
    this.struct = struct
    this.member = member
    this.bias = bias
  }
}

/** An object of a struct that others of its kind are only a part of. */
export abstract class Alone {
  abstract readonly struct: string
  handle = 0
}

/** A member that is such a pointer. Only `load` reads it, for it leads to no object's beginning. */
export interface Inner {
  readonly within: (object: never) => object | null | undefined
}

export const isInner = (member: unknown): member is Inner =>
  typeof member === 'object' && member !== null && 'within' in member

/** `struct list_head` in a ring of objects: `next` and `prev` lead to the same member of others. */
export const ring = (next: Within, prev: Within): { next: Within, prev: Within } => ({ next, prev })
