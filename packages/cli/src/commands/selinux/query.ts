/** `lsm selinux query` and `allow`: the rules of a policy, and whether they let a type do something. */
import { teRuleKinds, TeRules, teRuleText } from '@lsmkit/selinux/query'
import type { TeRule, TeRuleKind, TeRuleQuery } from '@lsmkit/selinux/query'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'
import { nearest } from '../../nearest.ts'
import { EXIT, printJson } from '../../output.ts'
import { telling } from './errors.ts'
import { policyOf, serverOf } from './inputs.ts'

export interface QueryFlags {
  readonly kind?: readonly string[]
  readonly source?: string
  readonly target?: string
  readonly direct?: boolean
  readonly class?: readonly string[]
  readonly perm?: readonly string[]
  readonly exactPerms?: boolean
  readonly result?: string
  readonly bool?: readonly string[]
  readonly xperm?: readonly string[]
  readonly json?: boolean
}

const kindOf = (text: string): TeRuleKind => {
  const kind = teRuleKinds.find((one) => one === text)
  if (kind !== undefined) return kind
  throw new CommandError('usage', `\`${text}\` is no kind of rule`,
    nearest(text, teRuleKinds) ?? `known: ${teRuleKinds.join(', ')}`)
}

const numberOf = (text: string): number => {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 0 && number <= 0xffff) return number
  throw new CommandError('usage', `\`${text}\` is no extended permission`, 'a number from 0 to 0xffff')
}

const queryOf = (flags: QueryFlags): TeRuleQuery => ({
  ...(flags.kind === undefined ? {} : { kinds: flags.kind.map(kindOf) }),
  ...(flags.source === undefined ? {} : { source: flags.source, sourceIndirect: flags.direct !== true }),
  ...(flags.target === undefined ? {} : { target: flags.target, targetIndirect: flags.direct !== true }),
  ...(flags.class === undefined ? {} : { classes: flags.class }),
  ...(flags.perm === undefined ? {} : { permissions: flags.perm, permissionsEqual: flags.exactPerms ?? false }),
  ...(flags.result === undefined ? {} : { result: flags.result }),
  ...(flags.bool === undefined ? {} : { booleans: flags.bool }),
  ...(flags.xperm === undefined ? {} : { xperms: flags.xperm.map(numberOf) }),
})

export const queryCommand = (io: Io, name: string, flags: QueryFlags): void => telling(() => {
  const query = queryOf(flags)
  const found = [...new TeRules(policyOf(io, name)).search(query)]
  if (flags.json) printJson(io, { rules: found.map(jsonOf) })
  else for (const text of found.map(teRuleText).sort()) io.print(text)
})

const jsonOf = (rule: TeRule): object => ({ ...rule, text: teRuleText(rule) })

export interface AllowFlags {
  readonly set?: readonly string[]
  readonly json?: boolean
}

/** Asks rules only, of types or attributes: ends with 0 when all of the permissions are allowed. */
export const allowCommand = (
  io: Io, name: string, source: string, target: string, tclass: string, permissions: readonly string[],
  flags: AllowFlags,
): number => telling(() => {
  const policy = policyOf(io, name)
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
