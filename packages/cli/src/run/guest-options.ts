/** Options of every command that runs a program: what it sees, and its limits, which are one table. */
import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import { guestLimits, limitNames, limitTable, readLimit } from '@lsmkit/wasi/limits'
import type { LimitName, Limits } from '@lsmkit/wasi/limits'
import { collect, userId } from '../command-help.ts'

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
  if ('must' in limit) throw new InvalidArgumentError(`it is ${limit.must}`)
  return limit.value
}

export const addGuestOptions = (command: Command): Command => {
  addMount(command)
    .option('--dir <path>', 'opens a directory of the tree (may be repeated); / is all of it', collect)
    .option('--uid <number>', 'user and group id of the program', userId, GUEST)
    .option('--posix', 'gives it processes, pipes, signals and sockets, which see the whole tree')
    .option('--syscalls', 'lets it make system calls by number, which see the whole tree')
  return addLimits(command).option('--unlimited', 'no limits but those that are given')
}

const MOUNT_TEXT = 'opens a folder of the host, read-only without rw; options: rw, native, labels (may be repeated)'
export const addMount = (command: Command): Command =>
  command.option('--mount <host:guest:options>', MOUNT_TEXT, collect)

/** `before`: what counts where nothing is given, before the default. */
export const addLimits = (command: Command, before = ''): Command => {
  for (const name of limitNames) {
    const { help, guest } = limitTable[name]
    const text = `${help}; none for no limit (default: ${before}${guest})`
    command.option(`--${name} <limit>`, text, limitReader(name))
  }
  return command
}

/** The given limits, and those of a guest for the rest. */
export const limitsOf = (options: GuestOptions): Limits => {
  const given = Object.fromEntries(limitNames.flatMap((name) => (name in options ? [[name, options[name]]] : [])))
  return { ...(options.unlimited === true ? {} : guestLimits), ...given }
}
