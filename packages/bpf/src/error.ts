/** Why an object, its types or a map cannot be had: a code, a sentence, a place, and what to do about it. */
import { oneLine, withHint } from '@lsmkit/abi'

export type BpfErrorCode =
  // files
  | 'not-elf' | 'not-bpf' | 'truncated' | 'bad-elf' | 'bad-section' | 'bad-symbol' | 'bad-relocation'
  | 'unknown-section' | 'unsupported'
  // types
  | 'not-btf' | 'bad-btf' | 'bad-btf-ext' | 'too-deep' | 'no-type' | 'no-kernel-types'
  // maps
  | 'bad-map' | 'no-map' | 'bad-value' | 'map-failed'
  // names
  | 'no-program' | 'no-variable' | 'no-extern' | 'no-target' | 'duplicate-symbol'
  // options and limits
  | 'bad-option' | 'too-large'

/** The error of reading, verifying, loading or attaching an object. */
export class BpfError extends Error {
  readonly code: BpfErrorCode
  /** Where: `.maps`, `lsm/file_open+16`, `type 17`; null when it is at no one place. */
  readonly place: string | null
  /** The message without the hint, which is behind it in brackets. */
  readonly summary: string
  readonly hint: string | null
  /** The answer of `bpf()`, as -errno; 0 if no system call is mirrored. */
  readonly errno: number

  constructor(
    code: BpfErrorCode, message: string, place: string | null = null, hint: string | null = null, errno = 0,
  ) {
    const summary = oneLine(place === null ? message : `${place}: ${message}`)
    super(withHint(summary, hint))
    this.summary = summary
    this.name = 'BpfError'
    this.code = code
    this.place = place === null ? null : oneLine(place)
    this.hint = hint === null ? null : oneLine(hint)
    this.errno = errno
  }
}
