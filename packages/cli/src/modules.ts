/** The LSMs that can be named on the command line, by name; every stack gets fresh instances. */
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Lsm, Stack, StackOptions } from '@lsmkit/core'
import { smack } from '@lsmkit/smack'
import { yama } from '@lsmkit/yama'
import { CommandError } from './command-error.ts'
import { nearest } from './nearest.ts'

/** Factories in the kernel's link order. */
export const modules: Readonly<Record<string, () => Lsm>> = {
  capability: () => capability(),
  smack: () => smack(),
  yama: () => yama(),
}

/** `a,b` as names; each must be a module. Throws a usage error with a hint. */
export const parseLsmList = (text: string): string[] => {
  const names = text.split(',').filter((name) => name !== '')
  for (const name of names) {
    if (!Object.hasOwn(modules, name)) {
      const known = Object.keys(modules)
      const hint = nearest(name, known) ?? `known: ${known.join(', ')}`
      throw new CommandError('usage', `there is no module \`${name}\``, hint)
    }
  }
  return names
}

export interface StackChoice {
  /** `a,b`; every known module unless given. */
  readonly lsm?: string
  readonly cmdline?: string
}

/**
 * A stack of the named modules. capability is there whether named or not, as in the kernel, and the others stand in
 * the order they were named in unless the boot arguments order them. `made` are instances that somebody holds on to:
 * they take the place of the module of their name, and come last when they were not named.
 */
export const composeStack = (
  { lsm, cmdline }: StackChoice, more: Partial<StackOptions> = {}, made: readonly Lsm[] = [],
): Stack => {
  const named = lsm === undefined ? Object.keys(modules) : parseLsmList(lsm)
  const names = new Set(['capability', ...named, ...made.map(({ name }) => name)])
  const lsms = [...names].map((name) => made.find((one) => one.name === name) ?? modules[name]!())
  const config = lsm === undefined ? {} : { config: [...names].filter((name) => name !== 'capability').join(',') }
  return createStack({ lsms, ...config, ...(cmdline === undefined ? {} : { cmdline }), ...more })
}
