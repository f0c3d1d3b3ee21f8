/** One operation a row under a rule of Smack: errno, and what was made, by a system call of our kernel. */
import { errnoName } from '@lsmkit/abi'
import type { Profile } from '@lsmkit/core'
import { smackOperations } from '../operations/smack.ts'
import { profileOf } from '../profile.ts'
import { PrepError, SmackWorld } from '../smack-fs/world.ts'
import type { SmackRow } from '../smack-fs/world.ts'
import { played } from '../suite.ts'
import type { Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'

const columns = ['n', 'subject', 'object', 'rule', 'extra_rule', 'privilege', 'ptrace_mode', 'operation', 'errno']

const answer = (row: SmackRow, name: string, profile: Profile): string => {
  const operation = Object.hasOwn(smackOperations, name) ? smackOperations[name]! : null
  if (operation === null) return 'absent'
  try {
    const [rc, extra] = new SmackWorld(row, profile).play(operation)
    return `${rc < 0 ? errnoName(rc) : 'OK'} ${extra}`.trim()
  } catch (error) {
    if (error instanceof PrepError) return `PREP ${error.message}`
    throw error
  }
}

let absent = 0

export const smackFs: Suite = {
  options: ['kernel'],
  *run(inputs, options) {
    absent = 0
    const profile = profileOf(options)
    for (const { text, path } of inputs) {
      for (const row of parseTable(text, path, columns)) {
        const got = played(() => answer(row as unknown as SmackRow, row.operation!, profile))
        if (got === 'absent') absent++
        yield { id: `${row.n} ${row.operation}`, expected: `${row.errno} ${row.extra ?? ''}`.trim(), got }
      }
    }
  },
  totals: () => [['absent', absent]],
}
