/** The system calls of one kernel: those of every kernel, those of its subsystems, and absent ones for the others. */
import { ENOSYS } from '@lsmkit/abi'
import { commonCalls, rowsOf } from '../syscalls/calls.ts'
import type { CallRow } from '../syscalls/calls.ts'
import { ABSENT_CALLS } from './absent-calls.ts'
import { chosenNames } from './subsystem.ts'
import type { Chosen, ChosenName } from './subsystem.ts'

const absent = (): number => -ENOSYS

const absentRows = (of: ChosenName): readonly CallRow[] =>
  Object.entries(ABSENT_CALLS[of]).map(([name, arity]) => ({ name, call: absent, arity, subsystem: null }))

/** In the same order whatever the kernel has. */
export const callRowsOf = (chosen: Chosen): readonly CallRow[] => [
  ...rowsOf(commonCalls),
  ...chosenNames.flatMap((name) => {
    const subsystem = chosen.get(name)
    return subsystem === undefined ? absentRows(name) : rowsOf(subsystem.calls ?? [])
  }),
]
