/** Which limits are numbers that have been read: they cannot change, so a run need not read or check them again. */
const read = new WeakSet<object>()

export const areRead = (limits: object): boolean => read.has(limits)

export const asRead = <T extends object>(numbers: T): Readonly<T> => {
  read.add(Object.freeze(numbers))
  return numbers
}
