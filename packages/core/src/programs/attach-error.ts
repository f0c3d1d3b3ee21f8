/** Refusals to attach a program, with the number the bpf system call has for them. */
import { E2BIG, EBUSY, EINVAL } from '@lsmkit/abi'
import { LsmkitError } from '../errors.ts'
import type { LsmkitErrorParts } from '../errors.ts'

export type AttachCode =
  | 'unknown-hook' | 'bad-program' | 'disabled-hook' | 'not-sleepable' | 'void-hook' | 'attached-already'
  | 'too-many-programs' | 'too-many-hooks'

const numbers: Partial<Record<AttachCode, number>> = {
  'attached-already': EBUSY, 'too-many-programs': E2BIG, 'too-many-hooks': E2BIG,
}

/** Why a program cannot be attached, detached or replaced. */
export class AttachError extends LsmkitError {
  declare readonly code: AttachCode
  /** As bpf(2) returns it: -EBUSY, -E2BIG, else -EINVAL. */
  readonly errno: number

  constructor(code: AttachCode, message: string, parts?: LsmkitErrorParts) {
    super(code, message, parts)
    this.errno = -(numbers[code] ?? EINVAL)
  }
}
