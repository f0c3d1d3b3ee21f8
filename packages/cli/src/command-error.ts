/** The error of a command that cannot do its work; the program prints it and picks the exit code. */
import { oneLine } from '@lsmkit/abi/safe-text'
import { EXIT } from './output.ts'

export type CommandErrorKind = 'usage' | 'badInput'

export class CommandError extends Error {
  readonly kind: CommandErrorKind
  readonly hint: string | undefined
  /** Lines below the message: the place in a source, and what was meant. */
  readonly excerpt: readonly string[]

  constructor(kind: CommandErrorKind, message: string, hint?: string, excerpt: readonly string[] = []) {
    super(oneLine(message))
    this.kind = kind
    this.hint = hint === undefined ? undefined : oneLine(hint)
    this.excerpt = excerpt
  }

  /**
   * A mistake in a source, whose text has several lines. Names from outside are one line each in it. `code` stands in
   * front.
   */
  static inSource(error: { toString(): string }, code?: string): CommandError {
    const [message, ...excerpt] = error.toString().split('\n')
    return new CommandError('badInput', code === undefined ? message! : `[${code}] ${message!}`, undefined, excerpt)
  }

  get exitCode(): number {
    return EXIT[this.kind]
  }
}
