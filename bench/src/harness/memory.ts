/** Memory in use. Node must run with --expose-gc. */

/** Heap and buffers, bytes. */
export const used = (): number => {
  for (let i = 0; i < 4; i++) globalThis.gc!()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
