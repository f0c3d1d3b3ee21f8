/** seek-bzip has no types of its own. */
declare module 'seek-bzip' {
  /** The bytes that a whole bzip2 file stands for. Throws TypeError for what is none. */
  export const decode: (packed: Uint8Array) => Uint8Array
}
