/** Constraints and validatetrans rules, infix, with no more parentheses than their precedence asks for. */
import * as policydb from '../../policydb/constants.ts'
import type { Constraint, ConstraintNode } from '../../policydb/policydb.ts'
import type { PolicyView } from '../view.ts'
import { braced } from './component.ts'
import type { Component } from './component.ts'

const LEVELS: ReadonlyMap<number, readonly [left: string, right: string]> = new Map([
  [policydb.CEXPR_L1L2, ['l1', 'l2']], [policydb.CEXPR_L1H2, ['l1', 'h2']], [policydb.CEXPR_H1L2, ['h1', 'l2']],
  [policydb.CEXPR_H1H2, ['h1', 'h2']], [policydb.CEXPR_L1H1, ['l1', 'h1']], [policydb.CEXPR_L2H2, ['l2', 'h2']],
])

const operators: Readonly<Record<number, string>> = {
  [policydb.CEXPR_EQ]: '==', [policydb.CEXPR_NEQ]: '!=', [policydb.CEXPR_DOM]: 'dom', [policydb.CEXPR_DOMBY]: 'domby',
  [policydb.CEXPR_INCOMP]: 'incomp',
}

const letterOf = (attribute: number): string =>
  attribute & policydb.CEXPR_USER ? 'u' : attribute & policydb.CEXPR_ROLE ? 'r' : 't'

/** Types as the source has them where the policy says so, attributes not written out. */
const namesOf = ({ attribute, names, typeSet }: ConstraintNode, view: PolicyView): string[] => {
  const tables = view.names
  const letter = letterOf(attribute)
  const table = letter === 'u' ? tables.users : letter === 'r' ? tables.roles : tables.types
  const named = letter === 't' && typeSet !== null && !typeSet.types.isEmpty ? typeSet.types : names
  return Array.from(named ?? [], (bit) => table[bit + 1] ?? `#${bit + 1}`).sort()
}

export const leafText = (node: ConstraintNode, view: PolicyView): string => {
  const { kind, attribute, operator } = node
  const letter = letterOf(attribute)
  const sign = operators[operator] ?? `#${operator}`
  if (kind === policydb.CEXPR_NAMES) {
    const side = attribute & policydb.CEXPR_XTARGET ? 3 : attribute & policydb.CEXPR_TARGET ? 2 : 1
    return `${letter}${side} ${sign} ${braced(namesOf(node, view))}`
  }
  const [left, right] = LEVELS.get(attribute) ?? [`${letter}1`, `${letter}2`]
  return `${left} ${sign} ${right}`
}

/** How tightly each binds; operands that bind less go in parentheses. */
const OR = 1
const AND = 2
const NOT = 3
const LEAF = 4

export const expressionText = ({ expression }: Constraint, view: PolicyView): string => {
  const stack: { text: string; binds: number }[] = []
  const operand = (least: number): string => {
    const { text, binds } = stack.pop() ?? { text: '', binds: LEAF }
    return binds < least ? `(${text})` : text
  }
  for (const node of expression) {
    if (node.kind === policydb.CEXPR_NOT) stack.push({ text: `not ${operand(LEAF)}`, binds: NOT })
    else if (node.kind === policydb.CEXPR_AND || node.kind === policydb.CEXPR_OR) {
      const [word, binds] = node.kind === policydb.CEXPR_AND ? ['and', AND] as const : ['or', OR] as const
      const right = operand(binds + 1)
      stack.push({ text: `${operand(binds)} ${word} ${right}`, binds })
    } else stack.push({ text: leafText(node, view), binds: LEAF })
  }
  return stack.map(({ text }) => text).join(' ')
}

export const isMls = ({ expression }: Constraint): boolean => expression.some(({ attribute }) => LEVELS.has(attribute))

const statements = (
  view: PolicyView, keyword: string, of: 'constraints' | 'validatetrans', mls: boolean,
): Component[] => view.policy.classes.items.flatMap((item) =>
  item[of].filter((constraint) => isMls(constraint) === mls).map((constraint) => {
    const permissions = of === 'validatetrans' ? ''
      : ` ${braced(view.names.permissionsOf(item.value, constraint.permissions).sort())}`
    const statement = `${keyword} ${item.name}${permissions} (${expressionText(constraint, view)});`
    return { name: statement, statement, has: {} }
  }))

export const constraints = (view: PolicyView): Component[] => statements(view, 'constrain', 'constraints', false)
export const mlsConstraints = (view: PolicyView): Component[] => statements(view, 'mlsconstrain', 'constraints', true)
export const validatetrans = (view: PolicyView): Component[] =>
  statements(view, 'validatetrans', 'validatetrans', false)
export const mlsValidatetrans = (view: PolicyView): Component[] =>
  statements(view, 'mlsvalidatetrans', 'validatetrans', true)
