/** Names that the command line offers, for help that loads none of the packages behind them. */
import type { Profile } from '@lsmkit/core'
import { CommandError } from './command-error.ts'

/** The LSMs that can be asked for, in the kernel's link order. */
export const moduleNames = [
  'capability', 'smack', 'selinux', 'apparmor', 'yama', 'landlock', 'loadpin', 'safesetid', 'lockdown',
] as const

/** The kernel releases whose rules a stack may follow; the type keeps them those of core. */
export const kernelNames = Object.keys(
  { '6.12': true, '6.18': true, '7.3': true } satisfies Readonly<Record<Profile, true>>,
) as readonly Profile[]

/** `--kernel`: its flags, and its line of help. */
export const KERNEL_FLAGS = '--kernel <release>'
export const KERNEL_TEXT = `the kernel release whose rules hold (default: ${kernelNames[0]})`

/** The release that was asked for. Throws a usage error for one without rules. */
export const profileNamed = (text: string): Profile => {
  const profile = kernelNames.find((name) => name === text)
  if (profile !== undefined) return profile
  throw new CommandError('usage', `there are no rules of the kernel \`${text}\``, `known: ${kernelNames.join(', ')}`)
}
