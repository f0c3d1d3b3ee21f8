/** The vocabulary of field tables: a kernel object is a list of (name, C type); its interface is derived from it. */

/** C types of numbers. */
export type CType =
  | 'u8' | 's8' | 'u16' | 's16' | 'u32' | 's32' | 'u64' | 's64'
  | 'int' | 'unsigned int' | 'long' | 'unsigned long' | 'umode_t' | 'dev_t' | 'kuid_t' | 'kgid_t' | 'pid_t'
  | 'fmode_t' | 'loff_t' | 'blkcnt_t' | 'time64_t' | 'bool' | 'short'

/** One field. `T` is what TypeScript sees; numbers beyond 53 bits lose their low bits and are never used as masks. */
export interface Field<T> {
  /** A number, a pointer to another object, or a part inside this one. */
  readonly kind: 'number' | 'ref' | 'value'
  /** The C type as BTF names it. */
  readonly ctype: string
  /** Given to the factory, in table order, rather than starting at its default. */
  readonly given: boolean
  /** Starting value of a field that is not given; `value` fields make a fresh one an object. */
  readonly initial: () => T
}

/** A number, 0 until set. */
export const num = (ctype: CType, initial = 0): Field<number> =>
  ({ kind: 'number', ctype, given: false, initial: () => initial })

/** A number the factory is given. */
export const numGiven = (ctype: CType): Field<number> => ({ kind: 'number', ctype, given: true, initial: () => 0 })

/** A pointer that is never null once the object exists: the factory is given it. */
export const ptr = <T>(ctype: string): Field<T> =>
  ({ kind: 'ref', ctype, given: true, initial: () => null as unknown as T })

/** A pointer that may be null, and is at first. */
export const opt = <T>(ctype: string): Field<T | null> => ({ kind: 'ref', ctype, given: false, initial: () => null })

/** A part that lies inside the object (a set, a name, a list): made by `initial`, replaced or changed in place. */
export const part = <T>(ctype: string, initial: () => T): Field<T> => ({ kind: 'value', ctype, given: false, initial })

/** A part the factory is given. */
export const partGiven = <T>(ctype: string): Field<T> =>
  ({ kind: 'value', ctype, given: true, initial: () => null as unknown as T })

export type FieldTable = Readonly<Record<string, Field<unknown>>>

/** The object a field table describes. */
export type ObjectOf<T extends FieldTable> = { -readonly [N in keyof T]: T[N] extends Field<infer V> ? V : never }
