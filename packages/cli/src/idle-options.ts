/** Options that would have no effect on what a command does: each is a usage error, never ignored. */
import type { Command } from 'commander'
import { CommandError } from './command-error.ts'

/** Options of a command line by their keys, each as it is written: `policyVersion` is `--policy-version`. */
export type GivenOptions = ReadonlyMap<string, string>

const GIVEN: unique symbol = Symbol('options that the command line has')

interface WithGiven {
  readonly [GIVEN]?: GivenOptions
}

const givenOf = (command: Command): GivenOptions => {
  const values: Readonly<Record<string, unknown>> = command.opts()
  const given = command.options.filter((option) => {
    const key = option.attributeName()
    return command.getOptionValueSource(key) === 'cli' && option.negate === (values[key] === false)
  })
  return new Map(given.map((option) => [option.attributeName(), option.long ?? option.flags]))
}

/** Two options of a command of which the first counts only with the second, or only without it. */
export interface OptionPair {
  /** As it is typed: `selinux query`. */
  readonly command: string
  readonly option: string
  /** The option has no effect unless one of these is there. */
  readonly needs?: readonly string[]
  /** The option has no effect beside this one. */
  readonly beside?: string
}

const dashed = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

const nameOf = (command: Command): string =>
  command.parent === null ? '' : `${nameOf(command.parent)} ${command.name()}`.trimStart()

const checkPair = (given: GivenOptions, { option, needs, beside }: OptionPair): void => {
  const written = given.get(option)
  if (written === undefined) return
  if (needs !== undefined && !needs.some((key) => given.has(key))) {
    throw idle(written, `without ${needs.map((key) => `\`${dashed(key)}\``).join(' or ')}`)
  }
  if (beside !== undefined && given.has(beside)) throw idle(written, `beside \`${given.get(beside)}\``)
}

const idle = (written: string, where: string, hint = 'leave it out'): CommandError =>
  new CommandError('usage', `\`${written}\` has no effect ${where}`, hint)

/** Checks the pairs before a command starts, and keeps which options it was given for `refuseIdle`. */
export const hookIdleOptions = (program: Command, pairs: readonly OptionPair[]): Command =>
  program.hook('preAction', (_program, command) => {
    const given = givenOf(command)
    Object.assign(command.opts(), { [GIVEN]: given })
    const name = nameOf(command)
    for (const pair of pairs) if (pair.command === name) checkPair(given, pair)
  })

type Keys<Flags> = readonly (keyof Flags & string)[]

/** Throws CommandError for an option of `keys` that the command line has: it has no effect `where`. */
export const refuseIdle = <Flags extends object>(
  flags: Flags, where: string, keys: Keys<Flags>, hint?: string,
): void => {
  const { [GIVEN]: given = new Map() }: WithGiven = flags
  for (const key of keys) {
    const written = given.get(key)
    if (written !== undefined) throw idle(written, where, hint)
  }
}
