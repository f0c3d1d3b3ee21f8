/** The LSMs that can be named on the command line, by name; every stack gets fresh instances. */
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Lsm, Stack, StackOptions } from '@lsmkit/core'
import { landlock } from '@lsmkit/landlock'
import { selinux } from '@lsmkit/selinux'
import { smack } from '@lsmkit/smack'
import { yama } from '@lsmkit/yama'
import { CommandError } from './command-error.ts'
import { moduleNames } from './module-names.ts'
import { nearest } from './nearest.ts'

const factories: Readonly<Record<(typeof moduleNames)[number], () => Lsm>> = {
  capability: () => capability(),
  smack: () => smack(),
  selinux: () => selinux(),
  yama: () => yama(),
  landlock: () => landlock(),
}

const modules: Readonly<Record<string, () => Lsm>> = factories

/**
 * Those that stand together unless others are asked for: SELinux needs a policy, and Smack to be away; Landlock is what
 * a program does to itself.
 */
const defaults = moduleNames.filter((name) => name !== 'selinux' && name !== 'landlock')

/** `a,b` as names; each must be a module. Throws a usage error with a hint. */
export const parseLsmList = (text: string): string[] => {
  const names = text.split(',').filter((name) => name !== '')
  for (const name of names) {
    if (!Object.hasOwn(modules, name)) {
      const hint = nearest(name, moduleNames) ?? `known: ${moduleNames.join(', ')}`
      throw new CommandError('usage', `there is no module \`${name}\``, hint)
    }
  }
  return names
}

export interface StackChoice {
  /** `a,b`; what needs no policy unless given. */
  readonly lsm?: string
  readonly cmdline?: string
  /** `a,b`; their refusals are recorded and not obeyed. */
  readonly permissiveLsm?: string
}

/**
 * A stack of the named modules. capability is there whether named or not, as in the kernel, and the others stand in
 * the order they were named in unless the boot arguments order them. `made` are instances that somebody holds on to:
 * they take the place of the module of their name, and come last when they were not named; an exclusive one keeps those
 * that nobody named away.
 */
export const composeStack = (
  { lsm, cmdline, permissiveLsm }: StackChoice, more: Partial<StackOptions> = {}, made: readonly Lsm[] = [],
): Stack => {
  const named = lsm === undefined ? defaults : parseLsmList(lsm)
  const all = [...new Set(['capability', ...named, ...made.map(({ name }) => name)])]
    .map((name) => made.find((one) => one.name === name) ?? modules[name]!())
  const hasExclusive = lsm === undefined && made.some(({ exclusive }) => exclusive)
  const lsms = all.filter((one) => !hasExclusive || !one.exclusive || made.includes(one))
  const names = lsms.map(({ name }) => name)
  const config = lsm === undefined ? {} : { config: names.filter((name) => name !== 'capability').join(',') }
  const permissive = permissiveLsm?.split(',').filter((name) => name !== '') ?? []
  const absent = permissive.find((name) => name !== 'bpf' && !names.includes(name))
  if (absent !== undefined) {
    const hint = nearest(absent, names) ?? `there are ${names.join(', ')}`
    throw new CommandError('usage', `\`${absent}\` is not in the stack and cannot be permissive`, hint)
  }
  return createStack({ lsms, permissive, ...config, ...(cmdline === undefined ? {} : { cmdline }), ...more })
}
