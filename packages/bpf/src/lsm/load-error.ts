/** Why a program was not loaded or attached: the number bpf(2) returns, and the verifier's log. */
import { errnoName, oneLine } from '@lsmkit/abi'

export type LoadCode =
  /** The loader may not (capabilities, or an LSM's hook on bpf). */
  | 'not-permitted'
  /** The verifier refuses it. */
  | 'rejected'
  /** It needs something that this kernel does not have. */
  | 'unsupported'
  /** No hook or function of that name takes it. */
  | 'no-target'
  /** A map that leads to programs belongs to programs of another kind. */
  | 'other-owner'
  /** The same program is attached already, or there are too many. */
  | 'not-attached'

export class BpfLoadError extends Error {
  override readonly name = 'BpfLoadError'
  readonly code: LoadCode
  /** Negative, as the system call returns it. */
  readonly errno: number
  readonly program: string
  readonly log: string

  constructor(code: LoadCode, program: string, errno: number, message: string, log = '') {
    super(oneLine(`${program}: ${message} (${errnoName(-errno)})`))
    this.code = code
    this.errno = errno
    this.program = program
    this.log = log
  }
}
