/** The system calls of one kernel: those of every kernel, those of its subsystems, and absent ones for the others. */
import { ENOSYS } from '@lsmkit/abi'
import { commonCalls, rowsOf } from '../syscalls/calls.ts'
import type { CallRow } from '../syscalls/calls.ts'
import { ABSENT_CALLS } from './absent-calls.ts'
import { chosenNames } from './subsystem.ts'
import type { Chosen, ChosenName, Subsystem } from './subsystem.ts'

const absent = (): number => -ENOSYS

const absentRows = (of: ChosenName): readonly CallRow[] =>
  Object.entries(ABSENT_CALLS[of]).map(([name, arity]) => ({ name, call: absent, arity, subsystem: null }))

const rowsFor = (given: readonly (Subsystem | undefined)[]): readonly CallRow[] => [
  ...rowsOf(commonCalls),
  ...chosenNames.flatMap((name, i) => {
    const subsystem = given[i]
    return subsystem === undefined ? absentRows(name) : rowsOf(subsystem.calls ?? [])
  }),
]

interface Known {
  readonly given: readonly (Subsystem | undefined)[]
  readonly rows: readonly CallRow[]
}
/** Most kernels of a process have the same subsystems. */
const MOST_KNOWN = 4
const known: Known[] = []

/** In the same order whatever the kernel has. Kernels with the same subsystems share their rows. */
export const callRowsOf = (chosen: Chosen): readonly CallRow[] => {
  const given = chosenNames.map((name) => chosen.get(name))
  const found = known.find((one) => one.given.every((subsystem, i) => subsystem === given[i]))
  if (found !== undefined) return found.rows
  const made = { given, rows: rowsFor(given) }
  if (known.push(made) > MOST_KNOWN) known.shift()
  return made.rows
}
