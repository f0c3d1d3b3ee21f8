/** The auxiliary vector as it lies in memory: pairs of 64-bit numbers with an end mark. */

type Auxv = readonly (readonly [tag: number, value: number])[]

/** Words that the kernel keeps of it (`AT_VECTOR_SIZE`). */
const WORDS = 52
export const AUXV_BYTES = WORDS * 8

const write = (words: readonly number[], length: number): Uint8Array => {
  const view = new DataView(new ArrayBuffer(length))
  words.forEach((word, i) => view.setBigUint64(i * 8, BigInt(word), true))
  return new Uint8Array(view.buffer)
}

export const auxvBytes = (auxv: Auxv): Uint8Array => write([...auxv.flat(), 0, 0], (auxv.length + 1) * 16)

/** All that is kept, the unused rest as well. */
export const savedAuxv = (auxv: Auxv): Uint8Array => write(auxv.flat().slice(0, WORDS), AUXV_BYTES)

/** Reads the vector that a program sets in place of its own, up to the first end mark, which is always present. */
export const readAuxv = (bytes: Uint8Array): Auxv => {
  const words = new Uint8Array(AUXV_BYTES)
  words.set(bytes)
  words.fill(0, AUXV_BYTES - 16)
  const view = new DataView(words.buffer)
  const pairs: [number, number][] = []
  for (let at = 0; at < AUXV_BYTES; at += 16) {
    const tag = Number(view.getBigUint64(at, true))
    if (tag === 0) break
    pairs.push([tag, Number(view.getBigUint64(at + 8, true))])
  }
  return pairs
}
