/** One set*uid, capset, capget or prctl a row, in one process: the answer, and what the process may do then. */
import { errnoName, SECBIT_KEEP_CAPS } from '@lsmkit/abi'
import { makeCall } from '../caps/calls.ts'
import { CapsMachine } from '../caps/machine.ts'
import { columnsAfter, columnsBefore, readColumns, writeColumns } from '../caps/state.ts'
import { profileOf } from '../profile.ts'
import { played } from '../suite.ts'
import type { Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'
import type { TableRow } from '../tsv.ts'

const after = ['errno', 'retval', ...columnsAfter, 'post.keepcaps']

const answer = (machine: CapsMachine, row: TableRow): string[] => {
  const task = machine.start(readColumns(row))
  const { rc, value } = makeCall(machine.kernel, task, row.call!, 'hex')
  const state = machine.state(task)
  machine.end(task)
  const keepCaps = state.securebits & SECBIT_KEEP_CAPS ? '1' : '0'
  return [rc < 0 ? errnoName(rc) : 'OK', String(value), ...writeColumns(state), keepCaps]
}

export const capsCalls: Suite = {
  options: ['kernel'],
  *run(inputs, options) {
    const machine = new CapsMachine(profileOf(options))
    for (const { text, path } of inputs) {
      for (const row of parseTable(text, path, ['n', ...columnsBefore, 'call', ...after])) {
        const got = played(() => answer(machine, row).join(' '))
        yield { id: `${row.n} ${row.call}`, expected: after.map((name) => row[name]).join(' '), got }
      }
    }
  },
}
