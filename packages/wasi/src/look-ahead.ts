/** A source that can be asked whether it has something: what it then gives is kept for who reads next. */
import { EAGAIN } from '@lsmkit/abi'
import type { HostStream } from '@lsmkit/kernel'

const AHEAD = 4096
const NONE = new Uint8Array(0)

export class LookAhead {
  readonly #source: (buffer: Uint8Array) => number
  /** Made for who asks. */
  #buffer = NONE
  /** The bytes ahead in the buffer: from here to there. */
  #from = 0
  #to = 0
  /** The source's answer when it gave nothing: 0 at the end, or -errno; null while that is not known. */
  #answer: number | null = null

  /** `source` answers as `HostStream.read`. */
  constructor(source: (buffer: Uint8Array) => number) {
    this.#source = source
  }

  /** The host's end of a stream. */
  get ends(): Pick<HostStream, 'read' | 'isReady'> {
    return { read: (buffer) => this.#read(buffer), isReady: () => this.#isReady() }
  }

  #read(buffer: Uint8Array): number {
    if (this.#from < this.#to) {
      const part = this.#buffer.subarray(this.#from, Math.min(this.#to, this.#from + buffer.length))
      buffer.set(part)
      this.#from += part.length
      return part.length
    }
    const answer = this.#answer
    this.#answer = null
    return answer ?? this.#source(buffer)
  }

  #isReady(): boolean {
    if (this.#from < this.#to || this.#answer !== null) return true
    if (this.#buffer.length === 0) this.#buffer = new Uint8Array(AHEAD)
    const got = this.#source(this.#buffer)
    if (got === -EAGAIN) return false
    this.#from = 0
    this.#to = Math.max(0, got)
    if (got <= 0) this.#answer = got
    return true
  }
}
