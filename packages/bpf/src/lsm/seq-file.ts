/** `struct seq_file`: what the programs of an iterator have written. */

export class SeqFile {
  handle = 0
  readonly #pieces: Uint8Array[] = []
  #length = 0

  write(bytes: Uint8Array): void {
    this.#pieces.push(bytes.slice())
    this.#length += bytes.length
  }

  get count(): number {
    return this.#length
  }

  get text(): string {
    return new TextDecoder().decode(this.bytes)
  }

  get bytes(): Uint8Array {
    const all = new Uint8Array(this.#length)
    let at = 0
    for (const piece of this.#pieces) {
      all.set(piece, at)
      at += piece.length
    }
    return all
  }
}
