/** sesearch: which type enforcement rules a policy has. */
import { list } from '../bits.ts'
import type { Avtab, Xperms } from '../policydb/avtab.ts'
import { evaluateConditional } from '../policydb/conditional-guard.ts'
import {
  AVTAB_ALLOWED, AVTAB_AUDITALLOW, AVTAB_AUDITDENY, AVTAB_CHANGE, AVTAB_ENABLED, AVTAB_MEMBER, AVTAB_TRANSITION,
  AVTAB_XPERMS_ALLOWED, AVTAB_XPERMS_AUDITALLOW, AVTAB_XPERMS_DONTAUDIT, AVTAB_XPERMS_IOCTLDRIVER, AVTAB_XPERMS_NLMSG,
} from '../policydb/constants.ts'
import type { ConditionalNode, Policydb } from '../policydb/policydb.ts'
import { braced } from './components/component.ts'
import { conditionalText } from './conditional-text.ts'
import { Matcher } from './te-query.ts'
import type { TeRuleQuery } from './te-query.ts'
import { PolicyView } from './view.ts'

/** What each kind of rule is in the policy: a bit of `specified`. */
export const avtabBits = {
  allow: AVTAB_ALLOWED, auditallow: AVTAB_AUDITALLOW, dontaudit: AVTAB_AUDITDENY, type_transition: AVTAB_TRANSITION,
  type_member: AVTAB_MEMBER, type_change: AVTAB_CHANGE, allowxperm: AVTAB_XPERMS_ALLOWED,
  auditallowxperm: AVTAB_XPERMS_AUDITALLOW, dontauditxperm: AVTAB_XPERMS_DONTAUDIT,
} as const

export type TeRuleKind = keyof typeof avtabBits

export const teRuleKinds = Object.keys(avtabBits) as readonly TeRuleKind[]

const kindOf: ReadonlyMap<number, TeRuleKind> = new Map(teRuleKinds.map((kind) => [avtabBits[kind], kind]))

/** One rule that was found, in names. */
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

/** What is extended. */
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

/** Asks one policy many questions. */
export class TeRules {
  readonly view: PolicyView

  constructor(policy: Policydb | PolicyView) {
    this.view = policy instanceof PolicyView ? policy : new PolicyView(policy)
  }

  /** By the text of each condition: which branch the given states put in force; the policy's own unless said. */
  branches(states: ReadonlyMap<string, boolean> = new Map()): ReadonlyMap<string, boolean> {
    const { names, policy } = this.view
    const values = policy.booleans.items.map(({ name, value, state }) => [value, states.get(name) ?? state] as const)
    const byValue = new Map(values)
    return new Map(policy.conditionals.map(({ expression }) =>
      [conditionalText(expression, names.booleans),
        evaluateConditional(expression, (value) => byValue.get(value) ?? false)]))
  }

  /** Throws QueryError for a name that the policy does not have. */
  *search(query: TeRuleQuery): Generator<TeRule> {
    const match = new Matcher(this.view, query)
    if (!match.onlyConditional) {
      yield* this.fromTable(this.view.policy.avtab, match, null)
      yield* this.fromNames(match)
    }
    for (const conditional of this.view.policy.conditionals) {
      if (!match.condition(conditional)) continue
      const { expression, whenTrue, whenFalse } = conditional
      yield* this.fromTable(whenTrue, match, conditionOf(this.view, expression, true))
      yield* this.fromTable(whenFalse, match, conditionOf(this.view, expression, false))
    }
  }

  /** All that match, as sorted texts. */
  texts(query: TeRuleQuery): string[] {
    return Array.from(this.search(query), teRuleText).sort()
  }

  private *fromTable(table: Avtab, match: Matcher, conditional: TeRule['conditional']): Generator<TeRule> {
    const { names } = this.view
    for (let i = 0; i < table.length; i++) {
      const kind = kindOf.get(table.specified[i]! & ~AVTAB_ENABLED)
      const [source, target, tclass] = [table.source[i]!, table.target[i]!, table.tclass[i]!]
      if (kind === undefined || !match.pair(kind, source, target, tclass)) continue
      const rule = { kind, source: names.types[source]!, target: names.types[target]!, tclass: names.classes[tclass]!,
        filename: null, conditional }
      const xperms = table.xpermsOf(i)
      if (xperms !== null) {
        const name = xpermName(xperms)
        const numbers = xperms.kind !== AVTAB_XPERMS_IOCTLDRIVER
          ? list(xperms.bits).map((bit) => xperms.driver * 256 + bit)
          : list(xperms.bits).flatMap((driver) => Array.from({ length: 256 }, (_, bit) => driver * 256 + bit))
        if (match.extended(name, numbers)) yield { ...rule, permissions: [name], xperms: numbers, result: null }
      } else if (table.specified[i]! & (AVTAB_TRANSITION | AVTAB_MEMBER | AVTAB_CHANGE)) {
        if (match.resultType(table.datum[i]!)) {
          yield { ...rule, permissions: [], xperms: [], result: names.types[table.datum[i]!]! }
        }
      } else {
        const mask = kind === 'dontaudit' ? ~table.datum[i]! : table.datum[i]!
        if (match.mask(tclass, mask)) {
          yield { ...rule, permissions: names.permissionsOf(tclass, mask).sort(), xperms: [], result: null }
        }
      }
    }
  }

  private *fromNames(match: Matcher): Generator<TeRule> {
    const { names, policy } = this.view
    for (const { name, target, tclass, results } of policy.filenameTransitions) {
      for (const { sources, type } of results) {
        if (!match.resultType(type)) continue
        for (const bit of sources) {
          if (!match.pair('type_transition', bit + 1, target, tclass)) continue
          yield { kind: 'type_transition', source: names.types[bit + 1]!, target: names.types[target]!,
            tclass: names.classes[tclass]!,
            permissions: [], xperms: [], result: names.types[type]!, filename: name, conditional: null }
        }
      }
    }
  }
}
