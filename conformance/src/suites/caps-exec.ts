/** One execve a row: who, which program, and what the new program may do. */
import { errnoName } from '@lsmkit/abi'
import { CapsMachine } from '../caps/machine.ts'
import { readProgramColumns } from '../caps/program.ts'
import { columnsAfter, columnsBefore, readColumns, writeColumns } from '../caps/state.ts'
import { profileOf } from '../profile.ts'
import { played } from '../suite.ts'
import type { Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'
import type { TableRow } from '../tsv.ts'

const after = ['errno', ...columnsAfter, 'post.AT_SECURE']
const program = ['file.uid,gid', 'file.mode', 'file.caps', 'nosuid_mount', 'shared_fs']

/** A program that was not started has no state to look at. */
const NOTHING = Array<string>(after.length - 1).fill('-')

const answer = (machine: CapsMachine, row: TableRow): string[] => {
  const task = machine.start(readColumns(row))
  const options = { nosuid: row.nosuid_mount === '1', sharedFs: row.shared_fs === '1' }
  const { rc, atSecure } = machine.exec(task, readProgramColumns(row), options)
  const state = writeColumns(machine.state(task))
  machine.end(task)
  return rc < 0 ? [errnoName(rc), ...NOTHING] : ['OK', ...state, atSecure ? '1' : '0']
}

export const capsExec: Suite = {
  options: ['kernel'],
  *run(inputs, options) {
    const machine = new CapsMachine(profileOf(options))
    for (const { text, path } of inputs) {
      for (const row of parseTable(text, path, ['n', ...columnsBefore, ...program, ...after])) {
        const got = played(() => answer(machine, row).join(' '))
        yield { id: row.n!, expected: after.map((name) => row[name]).join(' '), got }
      }
    }
  },
}
