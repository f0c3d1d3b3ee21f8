/** Names that the command line offers, for help that loads none of the packages behind them. */
import type { Profile } from '@lsmkit/core'

/** The LSMs that can be asked for, in the kernel's link order. */
export const moduleNames = [
  'capability', 'smack', 'selinux', 'apparmor', 'yama', 'landlock', 'loadpin', 'safesetid', 'lockdown',
] as const

/** The kernel releases whose rules a stack may follow; the type keeps them those of core. */
export const kernelNames = Object.keys(
  { '6.12': true, '6.18': true, '7.3': true } satisfies Readonly<Record<Profile, true>>,
) as readonly Profile[]
