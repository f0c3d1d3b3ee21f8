/** Machine-made states of a 6.18 kernel: execve, set*uid, capset and prctl, each from a state of its own. */
import { CapsMachine } from '../caps/machine.ts'
import { answerRow, readRows } from '../caps/words-row.ts'
import { played } from '../suite.ts'
import type { Suite } from '../suite.ts'
import { dataLines } from '../tsv.ts'

export const capabilityCorpus: Suite = {
  *run(inputs) {
    const machine = new CapsMachine('6.18')
    for (const { text } of inputs) {
      for (const row of readRows(dataLines(text))) {
        yield { id: `${row.id} ${row.area}`, expected: row.expected, got: played(() => answerRow(machine, row)) }
      }
    }
  },
}
