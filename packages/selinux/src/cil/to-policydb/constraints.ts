/** Constraints to postfix expressions, and the defaults of classes. */
import { ownValue } from '@lsmkit/abi'
import * as policydb from '../../policydb/constants.ts'
import { Ebitmap } from '../../policydb/ebitmap.ts'
import type { ConstraintNode, ObjectClass } from '../../policydb/policydb.ts'
import { constraintOperand } from '../ast/expressions.ts'
import { CilError } from '../errors.ts'
import type { ConstraintExpression } from '../resolve/facts.ts'
import type { Declared } from '../resolve/scope.ts'
import type { Numbering } from './numbering.ts'

const joins = { not: policydb.CEXPR_NOT, and: policydb.CEXPR_AND, or: policydb.CEXPR_OR } as const
const operators = {
  eq: policydb.CEXPR_EQ, neq: policydb.CEXPR_NEQ, dom: policydb.CEXPR_DOM, domby: policydb.CEXPR_DOMBY,
  incomp: policydb.CEXPR_INCOMP,
} as const

const attributes: Readonly<Record<string, number>> = {
  u: policydb.CEXPR_USER, r: policydb.CEXPR_ROLE, t: policydb.CEXPR_TYPE,
}

const sides: readonly number[] = [0, 0, policydb.CEXPR_TARGET, policydb.CEXPR_XTARGET]

const levels: Readonly<Record<string, number>> = {
  'l1 l2': policydb.CEXPR_L1L2, 'l1 h2': policydb.CEXPR_L1H2, 'h1 l2': policydb.CEXPR_H1L2,
  'h1 h2': policydb.CEXPR_H1H2, 'l1 h1': policydb.CEXPR_L1H1, 'l2 h2': policydb.CEXPR_L2H2,
}

/** Adds the policy's constraints and defaults to its classes. */
export const writeConstraints = (n: Numbering, classes: readonly ObjectClass[]): void => {
  for (const { permissions, expression, isMls, node } of n.facts.constraints) {
    if (isMls && !n.isMls) continue
    n.effort.node = node
    const written = postfix(n, expression, node)
    const masks = n.masks.of(permissions)
    n.effort.visit(masks.length)
    for (const { tclass, mask } of masks) {
      if (mask !== 0) classes[tclass.value]!.constraints.push({ permissions: mask >>> 0, expression: written })
    }
  }
  for (const { tclass, expression, isMls, node } of n.facts.validateTransitions) {
    if (isMls && !n.isMls) continue
    n.effort.node = node
    const written = postfix(n, expression, node)
    for (const { value } of n.masks.classes(tclass)) {
      classes[value]!.validatetrans.push({ permissions: 0, expression: written })
    }
  }
  const fields = { user: 'defaultUser', role: 'defaultRole', type: 'defaultType', range: 'defaultRange' } as const
  for (const { of, classes: named, value, node } of n.facts.defaults) {
    for (const symbol of named) {
      for (const tclass of n.masks.classes(symbol)) {
        const item = classes[tclass.value]!
        if (item[fields[of]] !== 0 && item[fields[of]] !== value) {
          throw new CilError('conflict', `class \`${item.name}\` has another default${of} already`, n.tree.place(node))
        }
        item[fields[of]] = value
      }
    }
  }
}

/** Bits that one of many names takes in a constraint, and the sorting of it. */
const MEMBER = 32

const postfix = (n: Numbering, expression: ConstraintExpression, node: number): ConstraintNode[] => {
  const nodes: ConstraintNode[] = []
  let [depth, most] = [0, 0]
  const add = (part: ConstraintExpression): void => {
    if ('operands' in part) {
      part.operands.forEach(add)
      nodes.push({ kind: joins[part.operator], attribute: 0, operator: 0, names: null, typeSet: null })
      if (part.operator !== 'not') depth--
    } else {
      nodes.push(comparison(n, part.left, operators[part.operator], part.right))
      most = Math.max(most, ++depth)
    }
  }
  add(expression)
  if (most > policydb.CEXPR_MAXDEPTH) {
    throw new CilError('bad-expression', `a constraint deeper than ${policydb.CEXPR_MAXDEPTH}`, n.tree.place(node))
  }
  return nodes
}

const comparison = (
  n: Numbering, left: number, operator: number, right: number | readonly Declared[],
): ConstraintNode => {
  const { side, of, text } = constraintOperand(left)!
  if (typeof right === 'number') {
    const attribute = side === 'level' ? ownValue(levels, `${text} ${constraintOperand(right)!.text}`)!
      : attributes[side]! | sides[of]!
    return { kind: policydb.CEXPR_ATTR, attribute, operator, names: null, typeSet: null }
  }
  const members = right.flatMap((symbol) => n.members(symbol))
  n.effort.keep(members.length * MEMBER)
  const values = side === 'u' ? members.map((place) => place + 1)
    : members.map((place) => side === 'r' ? n.roleAt(place) : n.typeValue[place]!)
  const written = side === 't' ? right.map((symbol) => n.type(symbol)).filter((value) => value > 0) : []
  return { kind: policydb.CEXPR_NAMES, attribute: attributes[side]! | sides[of]!, operator,
    names: Ebitmap.of(values.map((value) => value - 1)),
    typeSet: { types: Ebitmap.of(written.map((value) => value - 1)), negated: Ebitmap.empty, flags: 0 } }
}
