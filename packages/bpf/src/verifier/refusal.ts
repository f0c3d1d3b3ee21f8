/** How a walk ends early: thrown by any check, caught by `verify` alone; the text is in the log already. */
export class Refusal extends Error {
  readonly errno: number

  constructor(errno: number, text: string) {
    super(text)
    this.errno = errno
  }
}
