/** Memory that other threads share, as in a worker: a browser's TextDecoder does not accept it. */

/** The bytes themselves; a copy if their memory is shared. */
export const unshared = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer ? bytes as Uint8Array<ArrayBuffer> : bytes.slice()
