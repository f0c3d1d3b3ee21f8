/** How a compiled policy begins: a name of eight bytes, `version`. */
const BINARY = [4, 8, 0, 0x76]

/** Whether these are the bytes of a compiled policy, and not of a text. */
export const isPolicyBinary = (bytes: Uint8Array): boolean => BINARY.every((byte, index) => bytes[index] === byte)
