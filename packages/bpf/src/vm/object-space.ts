/** Kernel objects as programs reach them: by addresses where no memory is. */

export interface ObjectSpace {
  /**
   * Low word of `size` bytes at an address (1, 2, 4 or 8), the high one then is `high`. 0 where there is nothing, and
   * where the object has ended.
   */
  load(low: number, high: number, size: number): number
  high: number
  /** A copy of bytes there, null when there is nothing. */
  bytes(low: number, high: number, size: number): Uint8Array | null
  /**
   * Objects that were shown since are forgotten, those that stay for their lives excepted; with `mayKeep` when newer
   * ones have come.
   */
  readonly top: number
  release(top: number, mayKeep: boolean): void
  /** The way in which compiled code gets `size` bytes at `offset` of a struct; null when there is no such struct. */
  accessor(struct: string, offset: number, size: number): Accessor | null
}

/** A machine without kernel objects. */
export const noObjects: ObjectSpace = {
  load: () => 0,
  high: 0,
  bytes: () => null,
  top: 0,
  release: () => {},
  accessor: () => null,
}

/**
 * How compiled code gets a member of a kernel object, from a function that takes the address of the member: `word` the
 * low 32 bits; `double` a number of 64 bits; `pointer` an address of 32 bits; `bytes` any, by `load`. NaN and -1
 * (`double`, `pointer`) say that something else is there: `load` has its bits.
 */
export type AccessForm = 'word' | 'double' | 'pointer' | 'bytes'

/** One way of getting a member, shared by all loads that want the same. */
export interface Accessor {
  /** The member, as `file.f_inode`. */
  readonly name: string
  readonly form: AccessForm
  /** `double`: whether a negative number is one, or a large one. */
  readonly isSigned: boolean
  readonly call: (address: number) => number
  /** The same on the object itself, where it is at hand: the number, 0 of none. */
  readonly valueOf: (object: object | null) => number
  /** `pointer`: the handle, and the object that is pointed to. */
  readonly handleOf: (object: object | null) => number
  readonly objectOf: (object: object | null) => object | null
  /** Members that lead there, for code that is made from text; null where only `read` leads there. */
  readonly path: readonly string[] | null
  readonly read: (object: object) => unknown
  /** The result of `read` is the number itself, not a part of its 64 bits. */
  readonly isWhole: boolean
}

/**
 * How a program comes to a member of a kernel object: `ahead` read before it begins; `object` from the object in its
 * register; `handle` by address, by a function for just that member; `bytes` by address, whatever lies there; `none`
 * a pointer that nobody looks at.
 */
export type LoadForm = 'ahead' | 'object' | 'handle' | 'bytes' | 'none'

export interface LoadReport {
  readonly slot: number
  /** `file.f_inode`; empty where paths of the program load different members. */
  readonly member: string
  readonly form: LoadForm
}

/** A load through a pointer to a kernel struct, as the verifier saw it on every path. */
export interface TypedLoad {
  readonly struct: string
  readonly offset: number
}
