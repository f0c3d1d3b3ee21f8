/** Calls of Landlock bit by bit, on the kernel that `--kernel` names: ABI 6 of 6.12, 7 of 6.18, 11 of 7.3. */
import { abiOutcome } from '../landlock/abi-calls.ts'
import { profileOf } from '../profile.ts'
import { played } from '../suite.ts'
import type { Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'

export const landlockAbi: Suite = {
  options: ['kernel'],
  *run(inputs, options) {
    const profile = profileOf(options)
    for (const { text, path } of inputs) {
      for (const row of parseTable(text, path, ['n', 'id', 'setup', 'operation', 'result'])) {
        const { n, id = '', setup = '', operation = '', result = '' } = row
        yield { id: `${n} ${id}`, expected: result, got: played(() => abiOutcome(profile, id, setup, operation)) }
      }
    }
  },
}
