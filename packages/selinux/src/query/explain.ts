/**
 * One permission in full: each rule and the attributes it goes through, what a constraint asks for, and the nearest
 * changes that would permit it.
 */
import {
  AVTAB_ALLOWED, CEXPR_ATTR, CEXPR_EQ, CEXPR_NAMES, CEXPR_NEQ, CEXPR_TARGET, CEXPR_TYPE, CEXPR_XTARGET, OBJECT_R,
  TYPE_ATTRIBUTE,
} from '../policydb/constants.ts'
import { Ebitmap } from '../policydb/ebitmap.ts'
import type { Constraint, ConstraintNode, Role } from '../policydb/policydb.ts'
import { count, hasBit } from '../bits.ts'
import { evaluateConstraint } from '../server/constraint-reference.ts'
import type { SecurityServer } from '../server/security-server.ts'
import { explainAccess } from './access.ts'
import type { PermissionAnswer } from './access.ts'
import { expressionText, isMls, leafText } from './components/constraints.ts'
import { QueryError } from './errors.ts'
import { teRuleText } from './te-rule.ts'
import type { TeRules } from './te-rules.ts'
import type { PolicyView } from './view.ts'

export interface ExplainedRule {
  readonly text: string
  /** Attributes of the source and of the target that the rule is on; null where it names the type. */
  readonly sourceAttribute: string | null
  readonly targetAttribute: string | null
  /** False of a rule that a boolean keeps out of force. */
  readonly inForce: boolean
}

export interface ExplainedConstraint {
  readonly text: string
  readonly holds: boolean
}

export interface Remedy {
  readonly kind: 'boolean' | 'attribute' | 'rule' | 'constraint' | 'role' | 'bounds'
  /** The remedy, in words or as CIL. */
  readonly words: string
}

export interface Explained extends Omit<PermissionAnswer, 'rules'> {
  readonly source: string
  readonly target: string
  readonly tclass: string
  readonly permissive: boolean
  readonly rules: readonly ExplainedRule[]
  readonly constraints: readonly ExplainedConstraint[]
  /** The nearest first. None of what is allowed. */
  readonly remedies: readonly Remedy[]
}

/**
 * A context as it is, or one of those that a type can have: some valid user and role, at the lowest level. Of an
 * object the role is object_r where it may be, of a process where it must.
 */
const contextOfType = (server: SecurityServer, view: PolicyView, name: string, isObject: boolean): string => {
  if (name.includes(':')) return name
  const { policy, names } = view
  const type = view.type(name)
  if (view.isAttribute(type)) throw new QueryError('bad-value', `\`${name}\` is an attribute`, 'name one of its types')
  for (const user of policy.users.items) {
    const isLast = ({ name: role }: Role): number => Number((role === OBJECT_R) !== isObject)
    for (const role of [...policy.roles.items].sort((a, b) => isLast(a) - isLast(b))) {
      const level = policy.mls ? `:${names.level(user.range.low)}` : ''
      const text = `${user.name}:${role.name}:${names.types[type]!}${level}`
      if (server.contextToSid(text) > 0) return text
    }
  }
  throw new QueryError('bad-value', `no user and role may have the type \`${name}\``, 'give a whole context')
}

/** `source` and `target` are contexts, or types, for which some valid context is taken. Throws QueryError. */
export const explainPermission = (
  server: SecurityServer, rules: TeRules, source: string, target: string, tclass: string, permission: string,
): Explained => {
  const { view } = rules
  const [from, to] = [contextOfType(server, view, source, false), contextOfType(server, view, target, true)]
  const answer = explainAccess(server, rules, from, to, tclass, [permission])
  const [one] = answer.permissions
  const ends = { source: typeOf(server, view, from), target: typeOf(server, view, to) }
  const branches = rules.branches(new Map(server.booleans().map(({ name, value }) => [name, value])))
  const found = [...rules.search({ kinds: ['allow'], ...ends, classes: [tclass], permissions: [permission] })]
  const constraints = constraintsOn(view, tclass, permission)
  const holds = (constraint: Constraint): boolean => evaluate(server, view, constraint.expression, from, to)
  const { allowed, reason, audited, booleans } = one!
  return {
    permission, allowed, reason, audited, booleans, source: from, target: to, tclass, permissive: answer.permissive,
    rules: found.map((rule) => ({
      text: teRuleText(rule), sourceAttribute: rule.source === ends.source ? null : rule.source,
      targetAttribute: rule.target === ends.target ? null : rule.target,
      inForce: rule.conditional === null || branches.get(rule.conditional.expression) === rule.conditional.branch,
    })),
    constraints: constraints.map((each) => ({ text: constraintText(view, each), holds: holds(each) })),
    remedies: allowed ? [] : remediesOf(server, rules, one!, { ...ends, from, to, tclass, permission },
      constraints.filter((each) => !holds(each))),
  }
}

const typeOf = (server: SecurityServer, view: PolicyView, context: string): string =>
  view.names.types[server.contextOf(server.contextToSid(context))!.type]!

const constraintsOn = (view: PolicyView, tclass: string, permission: string): Constraint[] => {
  const value = view.tclass(tclass)
  const bit = view.mask(value, [permission])
  return view.policy.classes.items.find((item) => item.value === value)!.constraints
    .filter(({ permissions }) => (permissions & bit) !== 0)
}

const constraintText = (view: PolicyView, constraint: Constraint): string =>
  `${isMls(constraint) ? 'mlsconstrain' : 'constrain'} (${expressionText(constraint, view)})`

const evaluate = (
  server: SecurityServer, view: PolicyView, expression: readonly ConstraintNode[], from: string, to: string,
): boolean => {
  const [source, target] = [from, to].map((text) => server.contextOf(server.contextToSid(text))!)
  return evaluateConstraint(expression, view.policy.roles.items, source!, target!, null)
}

interface Question {
  readonly source: string
  readonly target: string
  readonly from: string
  readonly to: string
  readonly tclass: string
  readonly permission: string
}

const remediesOf = (
  server: SecurityServer, rules: TeRules, { reason, booleans }: PermissionAnswer, asked: Question,
  broken: readonly Constraint[],
): Remedy[] => {
  const { source, target, tclass, permission } = asked
  const remedies: Remedy[] = []
  const settings = Object.entries(booleans).map(([name, state]) => `${name}=${state ? 'on' : 'off'}`)
  if (settings.length > 0) remedies.push({ kind: 'boolean', words: `set ${settings.join(' ')}` })
  if (reason === 'rule' || reason === 'boolean') {
    const object = source === target ? 'self' : target
    remedies.push({ kind: 'rule', words: `(allow ${source} ${object} (${tclass} (${permission})))` },
      ...attributeRemedies(rules.view, asked))
  }
  if (reason === 'role') remedies.push({ kind: 'role', words: roleWords(asked) })
  if (reason === 'bounds') {
    remedies.push({ kind: 'bounds', words: `allow it to the type that bounds ${source} as well` })
  }
  // A rule alone would not do where a constraint stands in the way too.
  for (const constraint of broken) remedies.push(...constraintRemedies(server, rules.view, constraint, asked))
  return remedies
}

const roleWords = ({ from, to }: Question): string => `(roleallow ${from.split(':')[1]} ${to.split(':')[1]})`

const SHOWN = 3

/** Attributes that would bring the permission, those with the fewest further rules first. */
const attributeRemedies = (view: PolicyView, asked: Question): Remedy[] =>
  attributesGiving(view, asked).slice(0, SHOWN).map(({ attribute, others, types }) => ({
    kind: 'attribute',
    words: `(typeattributeset ${attribute} (${asked.source})): ` +
      `${attribute} has ${types} types and ${others} more rules`,
  }))

const attributesGiving = (
  view: PolicyView, { source, target, tclass, permission }: Question,
): { attribute: string; others: number; types: number }[] => {
  const { policy } = view
  const { source: sources, target: targets, tclass: classes, specified, datum, length } = policy.avtab
  const [from, to, value] = [view.type(source), view.type(target), view.tclass(tclass)]
  const bit = view.mask(value, [permission])
  const [rules, giving] = [new Map<number, number>(), new Set<number>()]
  for (let i = 0; i < length; i++) {
    const attribute = sources[i]!
    if (specified[i] !== AVTAB_ALLOWED || !view.isAttribute(attribute)) continue
    if (hasBit(view.members(attribute), from)) continue
    rules.set(attribute, (rules.get(attribute) ?? 0) + 1)
    if (classes[i] === value && (datum[i]! & bit) !== 0 && hasBit(view.members(targets[i]!), to)) giving.add(attribute)
  }
  return [...giving].map((attribute) => ({
    attribute: view.names.types[attribute]!, others: rules.get(attribute)! - 1, types: count(view.members(attribute)),
  })).sort((a, b) => a.others - b.others || (a.attribute < b.attribute ? -1 : 1))
}

/** Parts of a constraint any one of which would make the whole hold. */
const constraintRemedies = (
  server: SecurityServer, view: PolicyView, { expression }: Constraint, { from, to }: Question,
): Remedy[] => {
  const all = Ebitmap.of(Array.from({ length: view.policy.types.nprim }, (_, bit) => bit))
  const always: ConstraintNode =
    { kind: CEXPR_NAMES, attribute: CEXPR_TYPE, operator: CEXPR_EQ, names: all, typeSet: null }
  return expression.flatMap((node, i) => {
    if (!isLeaf(node)) return []
    const otherwise = [always, { ...always, operator: CEXPR_NEQ }].some((leaf) =>
      evaluate(server, view, expression.toSpliced(i, 1, leaf), from, to))
    return otherwise ? [{ kind: 'constraint' as const, words: leafWords(node, view) }] : []
  })
}

const isLeaf = ({ kind }: ConstraintNode): boolean => kind === CEXPR_ATTR || kind === CEXPR_NAMES

/** `t1 == a` asks for an attribute where `a` is one. */
const leafWords = (node: ConstraintNode, view: PolicyView): string => {
  const text = leafText(node, view)
  const [, name] = /^t[123] == (\S+)$/.exec(text) ?? []
  const item = view.policy.types.items.find((type) => type.name === name)
  if (item === undefined || (item.properties & TYPE_ATTRIBUTE) === 0 || (node.attribute & CEXPR_XTARGET) !== 0) {
    return `make this hold, or not: ${text}`
  }
  return `give the ${(node.attribute & CEXPR_TARGET) !== 0 ? 'target' : 'source'} the attribute ${name}`
}
