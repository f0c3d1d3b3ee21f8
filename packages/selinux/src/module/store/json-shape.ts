/** Shapes of JSON that others wrote. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The list, where it is one and each item passes; null otherwise. */
export const anArrayOf = <T>(value: unknown, isItem: (item: unknown) => item is T): readonly T[] | null =>
  Array.isArray(value) && value.every(isItem) ? value : null
