/** The two common shapes of a fuzzer: inputs that are texts or bytes, and inputs that a seed makes. */
import type { Fuzzer, Input, Session } from './fuzzer.ts'
import type { Random } from './random.ts'

export interface InputFuzzer {
  make(random: Random): Input
  /** Throws for a crash, and reports anything else to the session. Draws no numbers: the input is all there is. */
  attempt(input: Uint8Array, session: Session): void | Promise<void>
}

export const bytesOf = (input: Input): Uint8Array =>
  typeof input === 'string' ? new TextEncoder().encode(input) : input

const textOf = (error: unknown): string => (error instanceof Error ? error.stack ?? error.message : String(error))

const guarded = async (session: Session, input: Input, attempt: () => void | Promise<void>): Promise<void> => {
  try {
    const done = attempt()
    if (done !== undefined) await done
  } catch (error) {
    session.found('crash', input, textOf(error))
  }
}

/** Tries what `make` made; a file of the corpus is such an input. */
export const inputFuzzer = ({ make, attempt }: InputFuzzer): Fuzzer => ({
  async run(session) {
    while (session.more()) {
      const input = make(session.random)
      session.trying(input)
      await guarded(session, input, () => attempt(bytesOf(input), session))
    }
  },
  replay: (input, session) => guarded(session, input, () => attempt(input, session)),
})

/** Tries what comes of a seed; a file of the corpus holds seeds, one a line. */
export const seedFuzzer = (attempt: (seed: number, session: Session) => void | Promise<void>): Fuzzer => ({
  async run(session) {
    while (session.more()) await guarded(session, `${session.seed}\n`, () => attempt(session.seed, session))
  },
  async replay(input, session) {
    for (const line of new TextDecoder().decode(input).split('\n')) {
      if (/^\d/.test(line)) await guarded(session, line, () => attempt(Number(line), session))
    }
  },
})
