/** `struct seq_file`: what the programs of an iterator have written. */
import { joinedBytes } from '@lsmkit/abi'

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
    return joinedBytes(this.#pieces)
  }
}
