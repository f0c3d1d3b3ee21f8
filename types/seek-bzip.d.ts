/** seek-bzip has no types of its own. It is CommonJS whose names Node cannot see: the default is all there is. */
declare module 'seek-bzip' {
  const bzip: {
    /** The bytes that a whole bzip2 file stands for. Throws TypeError for what is none. */
    readonly decode: (packed: Uint8Array) => Uint8Array
  }
  export default bzip
}
