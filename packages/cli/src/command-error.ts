/** The error of a command that cannot do its work; the program prints it and picks the exit code. */
import { oneLine } from '@lsmkit/abi/safe-text'
import { EXIT } from './output.ts'

export type CommandErrorKind = 'usage' | 'badInput'

export class CommandError extends Error {
  readonly kind: CommandErrorKind
  readonly hint: string | undefined

  constructor(kind: CommandErrorKind, message: string, hint?: string) {
    super(oneLine(message))
    this.kind = kind
    this.hint = hint === undefined ? undefined : oneLine(hint)
  }

  get exitCode(): number {
    return EXIT[this.kind]
  }
}
