/** Errors of a policy that cannot be taken: a code, a sentence, a place, the errno of a kernel. */
import { EACCES, EEXIST, EINVAL, ENOENT, ENOMEM, EPROTO, EPROTONOSUPPORT, oneLine, withHint } from '@lsmkit/abi'

/** Each mistake with the errno that a kernel returns for it. */
export const errnoOf = {
  /** The stream does not begin with a version. */
  'not-a-policy': EPROTONOSUPPORT,
  'unsupported-version': EPROTONOSUPPORT,
  'bad-namespace': EPROTONOSUPPORT,
  /** An element that must come next is another one, or the stream ends in it. */
  'bad-element': EPROTO,
  'bad-dfa': EPROTO,
  'bad-permissions': EPROTO,
  'bad-index': EPROTO,
  'mixed-namespaces': EACCES,
  'locked': EACCES,
  'exists': EEXIST,
  'missing': ENOENT,
  'duplicate': EEXIST,
  'too-big': ENOMEM,
  /** The model cannot be written as a stream. */
  'not-expressible': EINVAL,
} as const

export type ApparmorErrorCode = keyof typeof errnoOf

export interface ApparmorErrorParts {
  /** A byte offset in the stream, as the kernel's record has it; null where it is at no one place. */
  readonly offset?: number | null
  /** The profile, as far as it is known. */
  readonly profile?: string | null
  /** The kernel's word for it, as `info="…"` in its record; null where the kernel logs nothing. */
  readonly info?: string | null
  readonly hint?: string | null
  /** Where it is not the errno of the code. */
  readonly errno?: number
}

/** Thrown by readers and writers of policy, and by a load that fails. Nothing is loaded then. */
export class ApparmorError extends Error {
  /** The message without the hint, which is behind it in brackets. */
  readonly summary: string
  readonly code: ApparmorErrorCode
  /** Positive, as in abi. */
  readonly errno: number
  readonly offset: number | null
  readonly profile: string | null
  readonly info: string | null
  readonly hint: string | null

  constructor(code: ApparmorErrorCode, message: string, parts: ApparmorErrorParts = {}) {
    const { offset = null, profile = null, info = null, hint = null, errno = errnoOf[code] } = parts
    const summary = oneLine(offset === null ? message : `${message}, at offset ${offset}`)
    super(withHint(summary, hint))
    this.summary = summary
    this.name = 'ApparmorError'
    this.code = code
    this.errno = errno
    this.offset = offset
    this.profile = profile
    this.info = info
    this.hint = hint === null ? null : oneLine(hint)
  }
}
