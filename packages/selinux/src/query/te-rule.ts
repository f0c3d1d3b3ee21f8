/** One type enforcement rule: its kind, what it says in names, and its text. */
import type { Xperms } from '../policydb/avtab.ts'
import {
  AVTAB_ALLOWED, AVTAB_AUDITALLOW, AVTAB_AUDITDENY, AVTAB_CHANGE, AVTAB_MEMBER, AVTAB_TRANSITION,
  AVTAB_XPERMS_ALLOWED, AVTAB_XPERMS_AUDITALLOW, AVTAB_XPERMS_DONTAUDIT, AVTAB_XPERMS_NLMSG,
} from '../policydb/constants.ts'
import type { ConditionalNode } from '../policydb/policydb.ts'
import { braced } from './components/component.ts'
import { conditionalText } from './conditional-text.ts'
import type { PolicyView } from './view.ts'

/** The bit of `specified` for each kind of rule in the policy. */
export const avtabBits = {
  allow: AVTAB_ALLOWED, auditallow: AVTAB_AUDITALLOW, dontaudit: AVTAB_AUDITDENY, type_transition: AVTAB_TRANSITION,
  type_member: AVTAB_MEMBER, type_change: AVTAB_CHANGE, allowxperm: AVTAB_XPERMS_ALLOWED,
  auditallowxperm: AVTAB_XPERMS_AUDITALLOW, dontauditxperm: AVTAB_XPERMS_DONTAUDIT,
} as const

export type TeRuleKind = keyof typeof avtabBits

export const teRuleKinds = Object.keys(avtabBits) as readonly TeRuleKind[]

export const kindOf: ReadonlyMap<number, TeRuleKind> = new Map(teRuleKinds.map((kind) => [avtabBits[kind], kind]))

/** A rule, in names. */
export interface TeRule {
  readonly kind: TeRuleKind
  readonly source: string
  readonly target: string
  readonly tclass: string
  readonly permissions: readonly string[]
  /** Of an extended rule: its numbers, `ioctl` or `nlmsg` being in `permissions`. */
  readonly xperms: readonly number[]
  /** Of a type rule: the new type. */
  readonly result: string | null
  /** Of a type_transition: the name of the object. */
  readonly filename: string | null
  /** The condition, and the branch the rule is in. */
  readonly conditional: RuleCondition | null
}

export interface RuleCondition {
  readonly expression: string
  readonly branch: boolean
  readonly booleans: readonly string[]
}

export const conditionOf = (
  { names }: PolicyView, expression: readonly ConditionalNode[], branch: boolean,
): RuleCondition => {
  const values = expression.filter(({ bool }) => bool > 0).map(({ bool }) => names.booleans[bool]!)
  return { expression: conditionalText(expression, names.booleans), branch, booleans: [...new Set(values)] }
}

/** The name of an extended permission. */
export const xpermName = ({ kind }: Xperms): string => kind === AVTAB_XPERMS_NLMSG ? 'nlmsg' : 'ioctl'

/** The rule in the syntax of policy source, as sesearch prints it. */
export const teRuleText = (rule: TeRule): string => teRuleGiving(rule, givenText(rule))

/** The rule with another text for what it gives. */
export const teRuleGiving = (
  { kind, source, target, tclass, filename, conditional }: TeRule, given: string,
): string => {
  const suffix = conditional === null ? '' : ` [ ${conditional.expression} ]:${conditional.branch ? 'True' : 'False'}`
  return `${kind} ${source} ${target}:${tclass} ${given}${filename === null ? '' : ` ${filename}`};${suffix}`
}

const givenText = ({ permissions, xperms, result }: TeRule): string =>
  result ?? (xperms.length > 0 ? `${permissions[0]} ${braced(xpermTexts(xperms))}` : braced(permissions))

export const xpermText = (number: number): string => `0x${number.toString(16).padStart(4, '0')}`

/** Neighbours are a range. */
export const xpermTexts = (numbers: readonly number[]): string[] => {
  const parts: string[] = []
  for (let i = 0; i < numbers.length;) {
    let end = i
    while (numbers[end + 1] === numbers[end]! + 1) end++
    parts.push(end === i ? xpermText(numbers[i]!) : `${xpermText(numbers[i]!)}-${xpermText(numbers[end]!)}`)
    i = end + 1
  }
  return parts
}
