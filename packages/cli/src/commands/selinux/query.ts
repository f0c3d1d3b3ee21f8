/** `lsm selinux query` and `allow`: the rules of a policy, and whether they let a type do something. */
import {
  patternOf, PolicyView, roleRuleKinds, roleRules, teRuleKinds, TeRules, teRuleText,
} from '@lsmkit/selinux/query'
import type { RoleRuleKind, TeRule, TeRuleKind, TeRuleQuery } from '@lsmkit/selinux/query'
import { CommandError } from '../../command-error.ts'
import { refuseIdle } from '../../idle-options.ts'
import type { Io } from '../../io.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { EXIT, printJson } from '../../output.ts'
import { withCommandErrors } from './errors.ts'
import { policyOf, serverOf } from './inputs.ts'

export interface QueryFlags {
  readonly local?: readonly string[]
  readonly kind?: readonly string[]
  readonly source?: string
  readonly target?: string
  readonly direct?: boolean
  readonly directSource?: boolean
  readonly directTarget?: boolean
  readonly class?: readonly string[]
  readonly perm?: readonly string[]
  readonly allPerms?: boolean
  readonly exactPerms?: boolean
  readonly result?: string
  readonly bool?: readonly string[]
  readonly exactBools?: boolean
  readonly xperm?: readonly string[]
  readonly exactXperms?: boolean
  readonly json?: boolean
}

type RuleKind = TeRuleKind | RoleRuleKind

const ruleKinds: readonly RuleKind[] = [...teRuleKinds, ...roleRuleKinds]

const kindOf = (text: string): RuleKind => {
  const kind = ruleKinds.find((one) => one === text)
  if (kind !== undefined) return kind
  throw new CommandError('usage', `\`${text}\` is not a kind of rule`,
    didYouMean(text, ruleKinds) ?? `known: ${ruleKinds.join(', ')}`)
}

const isRoleKind = (kind: RuleKind): kind is RoleRuleKind => (roleRuleKinds as readonly RuleKind[]).includes(kind)

/** The numbers of `0x5401` and `0x5400-0x54ff`. */
const numbersOf = (text: string): number[] => {
  const [low = NaN, high = low] = text.split('-').map((part) => part === '' ? NaN : Number(part))
  if ([low, high].every((number) => Number.isInteger(number) && number >= 0 && number <= 0xffff) && low <= high) {
    return Array.from({ length: high - low + 1 }, (_, i) => low + i)
  }
  throw new CommandError('usage', `\`${text}\` is not an extended permission`, 'a number from 0 to 0xffff, or a range')
}

/** Names, or the one expression among them. */
const namesOf = (texts: readonly string[]): readonly string[] | RegExp => {
  const pattern = patternOf(texts.join(','))
  return typeof pattern === 'string' ? texts : pattern
}

const queryOf = (flags: QueryFlags): TeRuleQuery => ({
  ...(flags.source === undefined ? {} : { source: patternOf(flags.source) }),
  sourceIndirect: flags.direct !== true && flags.directSource !== true,
  ...(flags.target === undefined ? {} : { target: patternOf(flags.target) }),
  targetIndirect: flags.direct !== true && flags.directTarget !== true,
  ...(flags.class === undefined ? {} : { classes: namesOf(flags.class) }),
  ...(flags.perm === undefined ? {} : { permissions: flags.perm }),
  permissionsAll: flags.allPerms ?? false,
  permissionsEqual: flags.exactPerms ?? false,
  ...(flags.result === undefined ? {} : { result: patternOf(flags.result) }),
  ...(flags.bool === undefined ? {} : { booleans: namesOf(flags.bool) }),
  booleansEqual: flags.exactBools ?? false,
  ...(flags.xperm === undefined ? {} : { xperms: flags.xperm.flatMap(numbersOf) }),
  xpermsEqual: flags.exactXperms ?? false,
})

const OF_TYPE_RULES = ['perm', 'allPerms', 'exactPerms', 'bool', 'exactBools', 'xperm', 'exactXperms'] as const

export const queryCommand = (io: Io, name: string, flags: QueryFlags): void => withCommandErrors(() => {
  const query = queryOf(flags)
  const kinds = flags.kind?.map(kindOf) ?? teRuleKinds
  if (kinds.every(isRoleKind)) refuseIdle(flags, 'on rules of roles', OF_TYPE_RULES)
  const view = new PolicyView(policyOf(io, name, flags.local))
  const teKinds = kinds.filter((kind) => !isRoleKind(kind))
  const found = teKinds.length === 0 ? [] : [...new TeRules(view).search({ ...query, kinds: teKinds })]
  const { source, sourceIndirect, target, targetIndirect, classes, result } = query
  const roleQuery = { source, sourceIndirect, target, targetIndirect, classes, result }
  const others = kinds.filter(isRoleKind).flatMap((kind) =>
    roleRules(view, kind, roleQuery).map((text) => ({ kind, text })))
  if (flags.json) printJson(io, { rules: [...found.map(jsonOf), ...others] })
  else for (const text of [...found.map(teRuleText).sort(), ...others.map((rule) => rule.text)]) io.print(text)
})

const jsonOf = (rule: TeRule): object => ({ ...rule, text: teRuleText(rule) })

export interface AllowFlags {
  readonly set?: readonly string[]
  readonly local?: readonly string[]
  readonly json?: boolean
}

/** Asks rules only, of types or attributes: ends with 0 when all of the permissions are allowed. */
export const allowCommand = (
  io: Io, name: string, source: string, target: string, tclass: string, permissions: readonly string[],
  flags: AllowFlags,
): number => withCommandErrors(() => {
  const policy = policyOf(io, name, flags.local)
  const rules = new TeRules(policy)
  rules.view.mask(rules.view.tclass(tclass), permissions)
  const states = new Map(serverOf(policy, flags.set).booleans().map(({ name: bool, value }) => [bool, value]))
  const branches = rules.branches(states)
  const found = [...rules.search({ kinds: ['allow'], source, target, classes: [tclass], permissions })]
  const isInForce = ({ conditional }: TeRule): boolean =>
    conditional === null || branches.get(conditional.expression) === conditional.branch
  const holding = found.filter(isInForce)
  const off = found.filter((rule) => !isInForce(rule))
  const missing = permissions.filter((permission) => !holding.some((rule) => rule.permissions.includes(permission)))
  const allowed = missing.length === 0
  if (flags.json) {
    const texts = { rules: holding.map(teRuleText), off: off.map(teRuleText) }
    printJson(io, { source, target, tclass, permissions, allowed, missing, ...texts })
  } else {
    io.print(allowed ? io.colors.green('allowed') : io.colors.red(`not allowed: ${missing.join(' ')}`))
    for (const text of holding.map(teRuleText).sort()) io.print(`  ${text}`)
    for (const text of off.map(teRuleText).sort()) io.print(`  not in force: ${text}`)
  }
  return allowed ? EXIT.ok : EXIT.denied
})
