/** The error of a stream of a body, with the code that wasi:http gives it. */
import { IoError } from '../streams.ts'
import type { HttpFailure } from './error-codes.ts'

export class BodyError extends IoError {
  readonly failure: HttpFailure

  constructor(rc: number, failure: HttpFailure) {
    super(rc)
    this.failure = failure
  }
}
