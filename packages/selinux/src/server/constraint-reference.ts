/** The plain evaluator of constraints: a stack of booleans, node after node, as constraint_expr_eval. */
import {
  CEXPR_AND, CEXPR_ATTR, CEXPR_DOM, CEXPR_DOMBY, CEXPR_EQ, CEXPR_H1H2, CEXPR_H1L2, CEXPR_INCOMP, CEXPR_L1H1, CEXPR_L1H2,
  CEXPR_L1L2, CEXPR_L2H2, CEXPR_NEQ, CEXPR_NOT, CEXPR_OR, CEXPR_ROLE, CEXPR_TARGET, CEXPR_TYPE, CEXPR_USER,
  CEXPR_XTARGET,
} from '../policydb/constants.ts'
import type { ConstraintNode, Role } from '../policydb/policydb.ts'
import type { SecurityContext } from './context.ts'
import { dominates } from './levels.ts'
import type { MlsLevel } from './levels.ts'

/** `dom` says whether the first dominates the second. */
const compare = <T>(operator: number, a: T, b: T, dom: (a: T, b: T) => boolean): boolean => {
  switch (operator) {
    case CEXPR_EQ:
      return a === b
    case CEXPR_NEQ:
      return a !== b
    case CEXPR_DOM:
      return dom(a, b)
    case CEXPR_DOMBY:
      return dom(b, a)
    case CEXPR_INCOMP:
      return !dom(a, b) && !dom(b, a)
    default:
      return false
  }
}

const never = (): boolean => false

export const evaluateConstraint = (
  expression: readonly ConstraintNode[],
  roles: readonly Role[],
  source: SecurityContext,
  target: SecurityContext,
  third: SecurityContext | null,
): boolean => {
  const roleDominates = (a: number, b: number): boolean =>
    roles.find(({ value }) => value === a)?.dominates.has(b - 1) ?? false
  const levels: Readonly<Record<number, [MlsLevel, MlsLevel]>> = {
    [CEXPR_L1L2]: [source.low, target.low],
    [CEXPR_L1H2]: [source.low, target.high],
    [CEXPR_H1L2]: [source.high, target.low],
    [CEXPR_H1H2]: [source.high, target.high],
    [CEXPR_L1H1]: [source.low, source.high],
    [CEXPR_L2H2]: [target.low, target.high],
  }
  const attributeHolds = ({ attribute, operator }: ConstraintNode): boolean => {
    if (attribute === CEXPR_USER) return compare(operator, source.user, target.user, never)
    if (attribute === CEXPR_TYPE) return compare(operator, source.type, target.type, never)
    if (attribute === CEXPR_ROLE) return compare(operator, source.role, target.role, roleDominates)
    const [a, b] = levels[attribute]!
    return compare(operator, a, b, dominates)
  }
  const nameHolds = ({ attribute, operator, names }: ConstraintNode): boolean => {
    const who = attribute & CEXPR_XTARGET ? third : attribute & CEXPR_TARGET ? target : source
    if (who === null) return operator === CEXPR_NEQ
    const value = attribute & CEXPR_USER ? who.user : attribute & CEXPR_ROLE ? who.role : who.type
    return names!.has(value - 1) === (operator === CEXPR_EQ)
  }
  const stack: boolean[] = []
  for (const node of expression) {
    if (node.kind === CEXPR_NOT) stack.push(!stack.pop()!)
    else if (node.kind === CEXPR_AND || node.kind === CEXPR_OR) {
      const right = stack.pop()!
      const left = stack.pop()!
      stack.push(node.kind === CEXPR_AND ? left && right : left || right)
    } else stack.push(node.kind === CEXPR_ATTR ? attributeHolds(node) : nameHolds(node))
  }
  return stack.pop()!
}
