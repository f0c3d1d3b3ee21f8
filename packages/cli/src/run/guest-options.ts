/** Options of every command that runs a program: what it sees, and its limits, which are one table. */
import { guestLimits, limitNames, limitTable, readLimit } from '@lsmkit/wasi/limits'
import type { LimitName, Limits } from '@lsmkit/wasi/limits'
import { many, row, userId, ValueError } from '../option-row.ts'
import type { Row } from '../option-row.ts'

/** Who a program is unless something else is said: not root. */
const GUEST = 1000

export interface GuestOptions extends Limits {
  readonly mount?: readonly string[]
  readonly dir?: readonly string[]
  readonly uid: number
  readonly posix?: boolean
  readonly syscalls?: boolean
  readonly unlimited?: boolean
}

const limitReader = (name: LimitName) => (text: string): string | boolean => {
  const limit = readLimit(name, text)
  if ('must' in limit) throw new ValueError(`it is ${limit.must}`)
  return limit.value
}

export const mountRow = row(
  '--mount <host:guest:options>',
  'opens a folder of the host, read-only without rw; options: rw, native, labels (may be repeated)', many,
)

/** `before`: what counts where nothing is given, before the default. */
export const limitRows = (before = ''): readonly Row[] => limitNames.map((name) => {
  const { help, guest } = limitTable[name]
  const text = `${help}; none for no limit (default: ${before}${guest})`
  return row(`--${name} <limit>`, text, { read: limitReader(name) })
})

export const guestRows: readonly Row[] = [
  mountRow,
  row('--dir <path>', 'opens a directory of the tree (may be repeated); / is all of it', many),
  row('--uid <number>', 'user and group id of the program', { read: userId, standard: GUEST }),
  row('--posix', 'gives it processes, pipes, signals and sockets, which see the whole tree'),
  row('--syscalls', 'lets it make system calls by number, which see the whole tree'),
  ...limitRows(),
  row('--unlimited', 'no limits but those that are given'),
]

/** The given limits, and those of a guest for the rest. */
export const limitsOf = (options: GuestOptions): Limits => {
  const given = Object.fromEntries(limitNames.flatMap((name) => (name in options ? [[name, options[name]]] : [])))
  return { ...(options.unlimited === true ? {} : guestLimits), ...given }
}
