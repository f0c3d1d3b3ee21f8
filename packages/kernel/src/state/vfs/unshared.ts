/** Memory that other threads see as well, as a program in a worker has it: a browser's TextDecoder takes none. */

/** The bytes themselves, or a copy of those that are shared: for who decodes them. */
export const unshared = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer ? bytes as Uint8Array<ArrayBuffer> : bytes.slice()
