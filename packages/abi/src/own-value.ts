/**
 * Objects as dictionaries. A name that comes from somewhere else may be `constructor` or `__proto__`, which every
 * object literal has. It is looked up among an object's own fields, or in an object that has nothing else.
 */

/** The own value of `table` under `key`; undefined if it has none. */
export const ownValue = <T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined

/** An object to be filled by unknown names: it has no prototype, so each name is a field like others. */
export const dictionary = <T>(): Record<string, T> => Object.create(null) as Record<string, T>
