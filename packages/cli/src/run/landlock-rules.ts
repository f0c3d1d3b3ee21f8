/** Landlock on the stack that a program runs under, and what the program is restricted to before it starts. */
import { dictionary } from '@lsmkit/abi'
import { OptionError } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { landlock, LandlockError, ruleset } from '@lsmkit/landlock'
import type { LandlockLsm, LandlockOptions, RulesetOptions, RulesetPlan } from '@lsmkit/landlock'
import { CommandError } from '../command-error.ts'
import { readHostJson } from '../host-file.ts'
import type { Io } from '../io.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import type { ModuleOptions } from './module-options.ts'

export interface LandlockChoice {
  readonly lsm?: string
  /** `read=/data`, `connect=443`, or a file with a ruleset in JSON. */
  readonly landlock?: readonly string[]
}

export interface Landlocked {
  readonly lsm: LandlockLsm
  /** Rights and places as they were asked for; null: the program may restrict itself, and nothing else. */
  readonly rules: RulesetOptions | null
}

const paths = ['read', 'write', 'execute'] as const
const ports = ['bind', 'connect'] as const
const known = [...paths, ...ports, 'scope']

const usage = (message: string, hint: string): CommandError => new CommandError('usage', message, hint)

/** `read=/a`, `read=/b`, `connect=443` as the builder's options. */
const rulesOf = (words: readonly string[], { abi }: LandlockOptions): RulesetOptions => {
  const lists = dictionary<(string | number)[]>()
  for (const word of words) {
    const [name = '', ...rest] = word.split('=')
    const place = rest.join('=')
    if (!known.includes(name) || place === '') {
      const hint = didYouMean(name, known) ?? `known: ${known.map((one) => `${one}=…`).join(', ')}`
      throw usage(`\`${word}\` is not a rule`, hint)
    }
    const isPort = (ports as readonly string[]).includes(name)
    if (isPort && !/^\d+$/.test(place)) throw usage(`\`${place}\` is not a port`, '--landlock connect=443')
    ;(lists[name] ??= []).push(isPort ? Number(place) : place)
  }
  return { ...(lists as RulesetOptions), ...(abi === undefined ? {} : { abi }) }
}

const isFile = (word: string): boolean => word.endsWith('.json') && !word.includes('=')

/** Rules, or a file with a ruleset as `lsm learn --ruleset` writes it: it is whole, and nothing is added. */
const namedRules = (io: Io, words: readonly string[], options: LandlockOptions): RulesetOptions => {
  const [file] = words.filter(isFile)
  if (file === undefined) return rulesOf(words, options)
  if (words.length > 1) throw usage(`\`${file}\` is a whole ruleset`, 'put the other rules into the file')
  const rules = readHostJson(io, file)
  if (typeof rules !== 'object' || rules === null || Array.isArray(rules)) {
    throw new CommandError('badInput', `\`${file}\` has no ruleset in it`, 'lsm learn LOG --ruleset writes one')
  }
  return { ...rules, ...(options.abi === undefined ? {} : { abi: options.abi }) }
}

/** A mistake of the caller's where a builder's option is wrong. */
const asUsage = <T>(make: () => T): T => {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    throw usage(error.summary, error.hint ?? 'lsm run --help')
  }
}

/** Null unless the module is named, or rules are. The rules are written for its ABI (`--option landlock.abi=3`). */
export const landlockModule = (
  io: Io, { lsm, landlock: words }: LandlockChoice, given: ModuleOptions,
): Landlocked | null => {
  const isNamed = lsm?.split(',').includes('landlock') === true
  if (words === undefined && !isNamed) return null
  const options = (given.landlock ?? {}) as LandlockOptions
  return asUsage(() => {
    const made = landlock(options)
    const rules = words === undefined ? null : namedRules(io, words, options)
    if (rules !== null) ruleset(rules)
    return { lsm: made, rules }
  })
}

/** The program itself may be executed, whatever else is left to it. */
const withProgram = (rules: RulesetOptions, program: string): RulesetPlan =>
  ruleset(rules.paths !== undefined || paths.some((name) => rules[name] !== undefined)
    ? { ...rules, execute: [...(rules.execute ?? []), program] }
    : rules)

export const restrictSubject = ({ rules }: Landlocked, kernel: Kernel, task: Task, program: string): void => {
  if (rules === null) return
  try {
    withProgram(rules, program).restrict(kernel, task)
  } catch (error) {
    if (!(error instanceof LandlockError)) throw error
    throw new CommandError('badInput', error.summary, error.hint ?? undefined)
  }
}
