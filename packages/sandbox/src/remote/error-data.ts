/** Errors between threads: what crosses loses its class, and gets it back. */
import { ownValue, printable, withHint } from '@lsmkit/abi'
import { OptionError } from '@lsmkit/core/option-rules'
import { FileError } from '@lsmkit/kernel/files'
import { ProgramError } from '@lsmkit/wasi/errors'
import { SandboxError } from '../sandbox-error.ts'
import type { ErrorPlace } from '../sandbox-error.ts'

interface CallParts {
  readonly errno: number
  readonly syscall: string
  readonly path?: string
  readonly dest?: string
}

export interface ErrorData {
  readonly name: string
  readonly message: string
  readonly code: unknown
  readonly place: string | null
  readonly hint: string | null
  /** Of a SandboxError. */
  readonly places: readonly ErrorPlace[]
  /** Of a refused system call. */
  readonly call: CallParts | null
}

export const errorData = (error: unknown): ErrorData => {
  const { name = 'Error', summary, message = String(error), code, place = null, hint = null } =
    (error ?? {}) as {
      name?: string; summary?: string; message?: string; code?: unknown; place?: string; hint?: string
    }
  const call = error instanceof FileError ? { ...error, errno: error.errno, syscall: error.syscall } : null
  const places = error instanceof SandboxError ? error.places : []
  const data = { name, message: summary ?? message, code: typeof code === 'symbol' ? undefined : code }
  return { ...data, place, hint, places, call }
}

type Make = (
  code: never, message: string, place: string | null, hint: string | null, places: readonly ErrorPlace[],
) => Error

/** Those that lsmkit throws at its edges, by their names. */
const classes: Readonly<Record<string, Make>> = {
  SandboxError: (code, message, place, hint, places) => new SandboxError(code, message, { place, hint, places }),
  OptionError: (code, message, place, hint) => new OptionError(code, message, { place, hint }),
  ProgramError: (code, message, _place, hint) => new ProgramError(code, message, hint ?? ''),
}

const made = ({ name, message, code, place, hint, places, call }: ErrorData): Error => {
  if (call !== null) return new FileError(call.errno, call.syscall, call.path, call.dest)
  const make = ownValue(classes, name)
  if (make !== undefined) return make(code as never, message, place, hint, places)
  return Object.assign(new Error(withHint(printable(message), hint)), { name }, code === undefined ? {} : { code })
}

/** The error; for data that nobody here has made, what is wrong with it. */
export const errorOf = (data: ErrorData): unknown => {
  try {
    return made(data)
  } catch (cause) {
    return cause
  }
}
