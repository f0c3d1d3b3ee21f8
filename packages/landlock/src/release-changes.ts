/** The effect of another kernel release on a ruleset, in words: rights that it can hold, records that are written. */
import { kernelRules } from '@lsmkit/core'
import type { PolicyChange, Profile } from '@lsmkit/core'
import { checkOptions } from '@lsmkit/core/option-rules'
import { planOf, rulesetRules } from './builder.ts'
import type { RulesetOptions } from './builder.ts'
import { maskOf, newestWithin, rightNames } from './rights.ts'
import type { LandlockAbi, RightKind } from './rights.ts'

const kinds: readonly RightKind[] = ['fs', 'net', 'scope']

/** The version that brought records of denials. */
const RECORDS: LandlockAbi = 7

/** Of a ruleset that names none. */
const DEFAULT_ABI: LandlockAbi = 6

const abiOf = (profile: Profile): LandlockAbi => newestWithin(kernelRules(profile).landlockAbi)

const listed = (kind: RightKind, mask: number): string => rightNames(kind, mask).replaceAll(',', ', ')

/** A release without a right of the ruleset refuses the whole, or is one right short. */
const without = ({ bestEffort = false }: RulesetOptions): string =>
  bestEffort ? 'leaves that free' : 'refuses the whole ruleset'

/** The rights that the second release has and the first does not: `fs.resolve_unix`. */
export const newRights = (from: Profile, to: Profile): string[] => kinds.flatMap((kind) => {
  const came = maskOf(kind, abiOf(to)) & ~maskOf(kind, abiOf(from))
  return came === 0 ? [] : rightNames(kind, came).split(',')
})

/** The part of a ruleset that a release holds: without rights that came with a later ABI. Throws OptionError. */
export const heldBy = (ruleset: RulesetOptions, profile: Profile): RulesetOptions => {
  checkOptions(ruleset, rulesetRules, 'heldBy')
  const abi = newestWithin(Math.min(ruleset.abi ?? DEFAULT_ABI, abiOf(profile)))
  const known = new Set(rightNames('fs', maskOf('fs', abiOf(profile))).split(',').map((name) => name.slice(3)))
  const paths = Object.entries(ruleset.paths ?? {}).map(([path, names]) =>
    [path, names.filter((name) => known.has(name))] as const)
  return { ...ruleset, abi, ...(ruleset.paths === undefined ? {} : { paths: Object.fromEntries(paths) }) }
}

/**
 * The changes for a ruleset when the kernel goes from one release to another, or back. Throws OptionError for what is
 * not a ruleset.
 */
export const releaseChanges = (ruleset: RulesetOptions, from: Profile, to: Profile): PolicyChange[] => {
  checkOptions(ruleset, rulesetRules, 'releaseChanges')
  const [plan, was, is] = [planOf(ruleset), abiOf(from), abiOf(to)]
  const rights = kinds.flatMap((kind): PolicyChange[] => {
    const [came, went] = [maskOf(kind, is) & ~maskOf(kind, was), maskOf(kind, was) & ~maskOf(kind, is)]
    const change = (effect: PolicyChange['effect'], mask: number, words: string): PolicyChange[] =>
      (mask === 0 ? [] : [{ effect, subject: 'rights', words: `${listed(kind, mask)} ${words}`, because: [] }])
    return [
      ...change('less', came & plan[kind], `is held by Linux ${to}; ${from} ${without(ruleset)}`),
      ...change('more', went & plan[kind], `cannot be held by Linux ${to}, which ${without(ruleset)}`),
      ...change('other', came & ~plan[kind], `can be held from Linux ${to} on, and is free under this ruleset`),
      ...change('other', went & ~plan[kind], `cannot be held by Linux ${to}; this ruleset leaves it free`),
    ]
  })
  const [had, has] = [was >= RECORDS, is >= RECORDS]
  const isEmpty = kinds.every((kind) => plan[kind] === 0)
  const records = had === has || isEmpty ? [] : [{
    effect: 'other' as const, subject: 'records', because: [],
    words: has ? 'what it denies is written to the audit log' : 'what it denies is no longer written to the audit log',
  }]
  return [...rights, ...records]
}
