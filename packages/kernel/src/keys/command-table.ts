/** The type of a keyctl(2) command: a function of the machine and four arguments. */
import type { Machine } from '../machine.ts'
import type { KeyArg } from '../state/keys/arguments.ts'

/** By number, KEYCTL_*. */
export type KeyCommands = Readonly<Record<
  number, (machine: Machine, a: KeyArg, b: KeyArg, c: KeyArg, d: KeyArg) => number
>>
