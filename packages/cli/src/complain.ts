/** How an error of a command becomes lines on stderr and an exit code. */
import { EXIT } from './output.ts'
import type { Io } from './io.ts'

/** Throws what is not a mistake of a person: an error of ours. */
export const complain = async (io: Io, error: unknown): Promise<number> => {
  const { CommandError } = await import('./command-error.ts')
  if (error instanceof CommandError) {
    tell(io, error.message, error.hint, error.excerpt)
    return error.exitCode
  }
  const [{ LsmkitError }, { SubjectError }] = await Promise.all([import('@lsmkit/core'), import('./run/subject.ts')])
  if (error instanceof LsmkitError) {
    tell(io, `${error.place === null ? '' : `${error.place}: `}${error.summary}`, error.hint)
    return EXIT.badInput
  }
  if (error instanceof SubjectError) {
    tell(io, error.message)
    return EXIT.denied
  }
  if (isSystemError(error)) {
    tell(io, error.message)
    return EXIT.badInput
  }
  if (isCodedError(error)) {
    tell(io, `${placeText(error.place)}${error.summary}`, error.hint)
    return EXIT.badInput
  }
  if (isOverflow(error)) {
    tell(io, 'the input nests too deep, or a word of it is too long to hold', 'is it the file that you mean?')
    return EXIT.badInput
  }
  throw error
}

/** What all errors of the packages have, those too that are not of `LsmkitError`. */
interface CodedError extends Error {
  readonly summary: string
  readonly hint?: string | null
  readonly place?: string | { readonly file: string; readonly line: number } | null
}

const isCodedError = (error: unknown): error is CodedError =>
  error instanceof Error && 'code' in error && 'summary' in error && typeof error.summary === 'string'

const placeText = (place: CodedError['place']): string => {
  if (place === undefined || place === null) return ''
  return typeof place === 'string' ? `${place}: ` : `${place.file}:${place.line}: `
}

/** V8's stack, which a regular expression uses too; and texts longer than it holds. */
const isOverflow = (error: unknown): boolean =>
  error instanceof RangeError && /call stack|string length/i.test(error.message)

/** The host's answer about a file that was named: too long a name, no right, no room. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'code' in error

/** A line of a file that is quoted may be all of the file. */
const QUOTED = 200

const shortened = (text: string): string =>
  text.replace(/`([^`\n]*)`/g, (all, quoted: string) => quoted.length > QUOTED ? `\`${quoted.slice(0, QUOTED)}…\`` : all)

const tell = (io: Io, message: string, hint?: string | null, excerpt: readonly string[] = []): void => {
  io.note(`error: ${shortened(message)}`)
  for (const line of excerpt) io.note(shortened(line))
  if (hint !== undefined && hint !== null) io.note(`(${hint})`)
}
