/** The one suite of recorded sessions: each plays on a kernel of its own, every step is a row. */
import { played } from '../suite.ts'
import type { Row, Suite } from '../suite.ts'
import { readSessions } from './format.ts'
import { SessionPlayer } from './player.ts'
import type { SessionKind, World } from './player.ts'

/** Of a step, in the name of its row. */
const SHOWN = 100

export const sessionSuite = <W extends World>(kind: SessionKind<W>): Suite => {
  let count = 0
  return {
    options: kind.options ?? [],
    *run(inputs, options): Generator<Row> {
      count = 0
      for (const { title, parameters, steps } of inputs.flatMap(({ text }) => readSessions(text))) {
        count++
        const player = new SessionPlayer(kind, parameters, options)
        for (const { line, answer } of steps) {
          const got = played(() => player.play(line).trimEnd())
          yield { id: `${title}: ${line.slice(0, SHOWN)}`, expected: answer, got }
        }
      }
    },
    totals: () => [['sessions', count]],
  }
}
