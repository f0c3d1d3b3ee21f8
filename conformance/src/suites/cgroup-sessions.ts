/** Sessions of operations on control groups that a real kernel executed, replayed line by line. */
import { CgroupPlayer } from '../cgroup/play.ts'
import { played } from '../suite.ts'
import type { Row, Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'

export const cgroupSessions: Suite = {
  *run(inputs): Generator<Row> {
    for (const { text, path } of inputs) {
      let player = new CgroupPlayer()
      let session = ''
      for (const { operation, answer } of parseTable(text, path, ['operation', 'answer'])) {
        if (operation!.startsWith('session ')) {
          player = new CgroupPlayer()
          session = operation!
        } else yield { id: `${session}: ${operation}`, expected: answer!, got: played(() => player.play(operation!)) }
      }
    }
  },
}
