/** The error of a request for memory. */

export type BpfMemoryCode =
  /** The limit of the memory is reached. */
  | 'no-room'
  /** The sizes asked for make no memory. */
  | 'size'

/** Memory that is not to be had, or was not given out. */
export class BpfMemoryError extends Error {
  override readonly name = 'BpfMemoryError'
  readonly code: BpfMemoryCode

  constructor(code: BpfMemoryCode, message: string) {
    super(message)
    this.code = code
  }
}
