/** The LSMs that can be named on the command line: loaded when a stack has them, and fresh instances for each. */
import { ownValue } from '@lsmkit/abi'
import { createStack } from '@lsmkit/core'
import type { Lsm, Profile, Stack, StackOptions } from '@lsmkit/core'
import { CommandError } from './command-error.ts'
import { moduleNames } from './module-names.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import type { ModuleOptions } from './run/module-options.ts'

type Factory = (options: object) => Lsm

const factories: Readonly<Record<(typeof moduleNames)[number], () => Promise<Factory>>> = {
  capability: async () => (await import('@lsmkit/capability')).capability,
  smack: async () => (await import('@lsmkit/smack')).smack,
  selinux: async () => (await import('@lsmkit/selinux')).selinux,
  apparmor: async () => (await import('@lsmkit/apparmor')).apparmor,
  yama: async () => (await import('@lsmkit/yama')).yama,
  landlock: async () => (await import('@lsmkit/landlock')).landlock,
  loadpin: async () => (await import('@lsmkit/loadpin')).loadpin,
  safesetid: async () => (await import('@lsmkit/safesetid')).safesetid,
  lockdown: async () => (await import('@lsmkit/lockdown')).lockdown,
}

const modules: Readonly<Record<string, () => Promise<Factory>>> = factories

/** The factory of one of our modules; null for an unknown name. */
export const moduleFactory = async (name: string): Promise<Factory | null> =>
  Object.hasOwn(modules, name) ? modules[name]!() : null

/** Those that stand together unless others are asked for: the rest does nothing until it is told what. */
const defaults: readonly string[] = ['capability', 'smack', 'yama']

/** `a,b` as names; each must be a module, or one of one's own. Throws a usage error with a hint. */
export const parseLsmList = (text: string, own: readonly string[] = []): string[] => {
  const names = text.split(',').filter((name) => name !== '')
  for (const name of names) {
    if (!Object.hasOwn(modules, name) && !own.includes(name)) {
      const hint = didYouMean(name, [...moduleNames, ...own]) ?? `known: ${moduleNames.join(', ')}`
      throw new CommandError('usage', `there is no module \`${name}\``, hint)
    }
  }
  return names
}

export interface StackChoice {
  /** The kernel release whose rules hold; 6.12 unless given. */
  readonly kernel?: Profile
  /** `a,b`; the default is all modules that need no policy. */
  readonly lsm?: string
  readonly cmdline?: string
  /** `a,b`; their refusals are recorded and not obeyed. */
  readonly permissiveLsm?: string
}

/** The same where a person chose, options of modules with it. */
export interface StackChoiceWithOptions extends StackChoice {
  /** `MODULE.NAME=VALUE`. */
  readonly option?: readonly string[]
}

/**
 * A stack of the named modules. capability is there whether named or not, as in the kernel, and the others stand in
 * the order they were named in unless the boot arguments order them. `made` are instances that somebody holds on to:
 * they take the place of the module of their name, and come last when they were not named; an exclusive one keeps those
 * that nobody named away.
 */
export const composeStack = async (
  { kernel, lsm, cmdline, permissiveLsm }: StackChoice, more: Partial<StackOptions> = {}, made: readonly Lsm[] = [],
  options: ModuleOptions = {},
): Promise<Stack> => {
  const named = lsm === undefined ? defaults : parseLsmList(lsm, made.map(({ name }) => name))
  const names = [...new Set(['capability', ...named, ...made.map(({ name }) => name)])]
  refuseIdle(options, names, made)
  const all = await Promise.all(names.map(async (name) =>
    made.find((one) => one.name === name) ?? (await ownValue(modules, name)!())(ownValue(options, name) ?? {})))
  const hasExclusive = lsm === undefined && made.some(({ exclusive }) => exclusive)
  const lsms = all.filter((one) => !hasExclusive || !one.exclusive || made.includes(one))
  const inStack = lsms.map(({ name }) => name)
  const config = lsm === undefined ? {} : { config: inStack.filter((name) => name !== 'capability').join(',') }
  const permissive = permissiveLsm?.split(',').filter((name) => name !== '') ?? []
  const absent = permissive.find((name) => name !== 'bpf' && !inStack.includes(name))
  if (absent !== undefined) {
    const hint = didYouMean(absent, inStack) ?? `there are ${inStack.join(', ')}`
    throw new CommandError('usage', `\`${absent}\` is not in the stack and cannot be permissive`, hint)
  }
  const boot = {
    ...(cmdline === undefined ? {} : { cmdline }), ...(kernel === undefined ? {} : { profile: kernel }),
  }
  return createStack({ lsms, permissive, ...config, ...boot, ...more })
}

/** An option that nobody would read is a mistake: of a module that is not in the stack, or that was made without it. */
const refuseIdle = (options: ModuleOptions, names: readonly string[], made: readonly Lsm[]): void => {
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw new CommandError('usage', `\`${name}\` is not in the stack`, `--lsm ${name}`)
    if (made.some((one) => one.name === name)) {
      throw new CommandError('usage', `\`${name}\` takes its options from --${name}`)
    }
  }
}
