/** seek-bzip has no types of its own, and is CommonJS whose names an import cannot pick. */
declare module 'seek-bzip' {
  const bzip: {
    /** The bytes that a whole bzip2 file stands for. Throws TypeError for what is none. */
    decode(packed: Uint8Array): Uint8Array
  }
  export default bzip
}
