/** Contexts as bytes: in attributes and in files, with or without a NUL at the end. */

/** The text of the bytes, up to the first NUL. */
export const contextText = (value: Uint8Array): string => {
  const end = value.indexOf(0)
  return new TextDecoder().decode(end < 0 ? value : value.subarray(0, end))
}

/** With its NUL, as the kernel stores and returns contexts. */
export const contextBytes = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`)
