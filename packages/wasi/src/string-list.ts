/**
 * Strings as `args_get` and `environ_get` hand them over: NUL-terminated, one after the other. A name that is not UTF-8
 * comes as the bytes it has.
 */
import { encodeName } from '@lsmkit/kernel/boot'

export class StringList {
  readonly strings: readonly string[]
  readonly count: number
  readonly bytes: Uint8Array
  /** Where each string starts in `bytes`. */
  readonly starts: readonly number[]

  /** A string ends at its first NUL, as it would for the program. */
  constructor(strings: readonly string[]) {
    const parts = strings.map((text) => encodeName(`${text.split('\0', 1)[0]}\0`))
    const starts: number[] = []
    let size = 0
    for (const part of parts) {
      starts.push(size)
      size += part.length
    }
    const bytes = new Uint8Array(size)
    parts.forEach((part, i) => bytes.set(part, starts[i]))
    this.strings = strings
    this.count = parts.length
    this.bytes = bytes
    this.starts = starts
  }
}
