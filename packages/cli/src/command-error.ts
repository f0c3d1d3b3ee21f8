/** What a command throws when it cannot do its work; the program prints it and picks the exit code. */
import { printable } from '@lsmkit/abi'
import { EXIT } from './output.ts'

export type CommandErrorKind = 'usage' | 'badInput'

export class CommandError extends Error {
  readonly kind: CommandErrorKind
  readonly hint: string | undefined

  constructor(kind: CommandErrorKind, message: string, hint?: string) {
    super(printable(message))
    this.kind = kind
    this.hint = hint === undefined ? undefined : printable(hint)
  }

  get exitCode(): number {
    return EXIT[this.kind]
  }
}
