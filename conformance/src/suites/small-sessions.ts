/** Sessions of Lockdown, SafeSetID and LoadPin that a real kernel executed, replayed line by line. */
import { SmallPlayer } from '../small/play.ts'
import type { Kind } from '../small/play.ts'
import type { Row, Suite } from '../suite.ts'
import { UsageError } from '../suite.ts'

/** `session NUMBER PARAMETERS`, and lines `operation<TAB>answer`. */
export const smallSessions = (kind: Kind): Suite => ({
  *run(inputs): Generator<Row> {
    for (const { text, path } of inputs) {
      let player: SmallPlayer | null = null
      let session = ''
      for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
        if (line.startsWith('session ')) {
          session = line
          player = new SmallPlayer(kind, line.split(' ').slice(2).join(' '))
          continue
        }
        const tab = line.indexOf('\t')
        if (player === null || tab < 0)
          throw new UsageError(`${path}: \`${line.slice(0, 40)}\` is not a line of a session`)
        const operation = line.slice(0, tab)
        const id = `${session}: ${operation.slice(0, 100)}`
        yield { id, expected: line.slice(tab + 1), got: player.play(operation) }
      }
    }
  },
})
