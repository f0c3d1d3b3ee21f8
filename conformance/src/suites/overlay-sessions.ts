/** Sessions of operations on overlays that a real kernel executed, replayed line by line; a kernel for each session. */
import { OverlayPlayer } from '../overlay/play.ts'
import { played } from '../suite.ts'
import type { Row, Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'

export const overlaySessions: Suite = {
  *run(inputs): Generator<Row> {
    for (const { text, path } of inputs) {
      let player = new OverlayPlayer()
      let session = ''
      for (const { operation, answer } of parseTable(text, path, ['operation', 'answer'])) {
        if (operation!.startsWith('session ')) {
          player = new OverlayPlayer()
          session = operation!
        }
        const got = played(() => player.play(operation!).trimEnd())
        yield { id: `${session}: ${operation}`, expected: (answer ?? '').trimEnd(), got }
      }
    }
  },
}
