/** The files of one policy laid end to end, so that a place in any of them is one number. */

/** A CIL file: its name is for messages, its text may be bytes. */
export interface CilSource {
  readonly name: string
  readonly text: string | Uint8Array
}

/** A place as people read it: lines and columns count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  /** The line itself, without its end. */
  readonly excerpt: string
}

const NEWLINE = 0x0a
const LONGEST_EXCERPT = 200

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export class Sources {
  readonly names: string[] = []
  readonly bytes: Uint8Array[] = []
  /** Where each file begins; one entry more than files. */
  readonly starts: number[] = [0]

  constructor(files: readonly CilSource[]) {
    for (const { name, text } of files) {
      const bytes = typeof text === 'string' ? encoder.encode(text) : text
      this.names.push(name)
      this.bytes.push(bytes)
      this.starts.push(this.size + bytes.length + 1)
    }
  }

  /** Bytes of all files, and one for the end of each. */
  get size(): number {
    return this.starts.at(-1)!
  }

  placeOf(position: number): Place {
    let file = 0
    while (file + 1 < this.names.length && this.starts[file + 1]! <= position) file++
    const bytes = this.bytes[file] ?? new Uint8Array()
    const offset = Math.min(position - this.starts[file]!, bytes.length)
    let [line, start] = [1, 0]
    for (let i = bytes.indexOf(NEWLINE); i >= 0 && i < offset; i = bytes.indexOf(NEWLINE, start)) {
      line++
      start = i + 1
    }
    const end = bytes.indexOf(NEWLINE, start)
    const text = decoder.decode(bytes.subarray(start, end < 0 ? bytes.length : end))
    return { file: this.names[file] ?? '', line, column: offset - start + 1, excerpt: text.slice(0, LONGEST_EXCERPT) }
  }
}
