/** Named behaviours of Landlock, each a setup and an operation, on the remembering and on the plain walk. */
import { answerCase } from '../landlock/case.ts'
import { played } from '../suite.ts'
import type { Suite } from '../suite.ts'
import { dataLines } from '../tsv.ts'

export const landlockCases: Suite = {
  *run(inputs) {
    for (const { text } of inputs) {
      for (const line of dataLines(text)) {
        const [id = '', rule = '', setup = '', operation = '', expected = ''] = line.split('\t')
        const got = played(() => answerCase(setup, operation))
        const plain = played(() => answerCase(setup, operation, { remembers: false }))
        yield { id: `${id} ${rule}`, expected, got: plain === got ? got : `${got}, by the plain walk ${plain}` }
      }
    }
  },
}
