/** Errors that Node makes of a whole operation: a code of its own, and what happened in `info`. */
import { oneLine } from '@lsmkit/abi'

interface Info {
  readonly message: string
  readonly path: string
  readonly syscall: string
  readonly errno: number
  /** Of the errno: `EINVAL`. */
  readonly code: string
}

/** As Node's `SystemError`; `errno` is positive there. */
export class SystemError extends Error {
  readonly code: string
  readonly info: Info
  readonly errno: number
  readonly syscall: string
  readonly path: string

  constructor(code: string, prefix: string, info: Info) {
    super(oneLine(`${prefix}: ${info.syscall} returned ${info.code} (${info.message}) ${info.path}`))
    Object.defineProperty(this, 'name', { value: 'SystemError', writable: true, configurable: true })
    this.code = code
    this.info = info
    this.errno = info.errno
    this.syscall = info.syscall
    this.path = info.path
  }
}
