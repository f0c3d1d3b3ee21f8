/** What was thrown, or answered, as a text: it may be anything, and reading it may throw. */

export const isError = (value: unknown): value is Error => {
  try {
    return value instanceof Error
  } catch {
    return false
  }
}

/** The message of an error, the text of anything else; what cannot be read is said to be so. */
export const textOf = (value: unknown): string => {
  try {
    return String(isError(value) ? value.message : value)
  } catch {
    return `a value that cannot be read (${typeof value})`
  }
}
