/** Memory for bytes that are looked at once: a page of new memory takes longer to get than to fill. */
export class Scratch {
  #bytes = Buffer.alloc(0)

  /** Room for so many bytes. Pages of it are taken when they are written to. */
  reserve(length: number): void {
    if (length > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(length)
  }

  /** So many bytes, until the next call. V8 reads code where it lies if the place is a multiple of 8, as this is. */
  take(length: number): Buffer {
    this.reserve(length)
    return this.#bytes.subarray(0, length)
  }
}
