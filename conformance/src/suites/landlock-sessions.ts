/**
 * Sessions of operations under Landlock that a real kernel executed, replayed line by line; a kernel for each session.
 * `--remembers no`: by the plain walk.
 */
import { LandlockPlayer } from '../landlock/play.ts'
import type { Row, Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'

let sessions = 0

export const landlockSessions: Suite = {
  options: ['remembers'],
  *run(inputs, { remembers }): Generator<Row> {
    sessions = 0
    const options = { remembers: remembers !== 'no' }
    for (const { text, path } of inputs) {
      let player = new LandlockPlayer(options)
      let session = ''
      for (const { operation, answer } of parseTable(text, path, ['operation', 'answer'])) {
        if (operation!.startsWith('session ')) {
          player = new LandlockPlayer(options)
          session = operation!
          sessions++
        } else yield { id: `${session}: ${operation}`, expected: answer!.trimEnd(), got: player.play(operation!) }
      }
    }
  },
  totals: () => [['sessions', sessions]],
}
