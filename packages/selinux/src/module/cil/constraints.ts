/** Constraints: expressions over users, roles, types and levels. */
import * as policydb from '../../policydb/constants.ts'
import { PolicyError } from '../../policydb/errors.ts'
import type { ConstraintNode } from '../../policydb/policydb.ts'
import { joined } from './text.ts'
import type { CilWriter } from './writer.ts'

const levels: Readonly<Record<number, string>> = {
  [policydb.CEXPR_L1L2]: 'l1 l2', [policydb.CEXPR_L1H2]: 'l1 h2', [policydb.CEXPR_H1L2]: 'h1 l2',
  [policydb.CEXPR_H1H2]: 'h1 h2', [policydb.CEXPR_L1H1]: 'l1 h1', [policydb.CEXPR_L2H2]: 'l2 h2',
}

export const isMls = (nodes: readonly ConstraintNode[]): boolean => nodes.some(({ attribute }) => attribute in levels)

const operators: Readonly<Record<number, string>> = {
  [policydb.CEXPR_EQ]: 'eq', [policydb.CEXPR_NEQ]: 'neq', [policydb.CEXPR_DOM]: 'dom',
  [policydb.CEXPR_DOMBY]: 'domby', [policydb.CEXPR_INCOMP]: 'incomp',
}

export const constraintText = (out: CilWriter, nodes: readonly ConstraintNode[]): string => {
  const stack: string[] = []
  for (const node of nodes) {
    if (node.kind === policydb.CEXPR_NOT) stack.push(`(not ${stack.pop()})`)
    else if (node.kind === policydb.CEXPR_AND || node.kind === policydb.CEXPR_OR) {
      const right = stack.pop()
      stack.push(`(${node.kind === policydb.CEXPR_AND ? 'and' : 'or'} ${stack.pop()} ${right})`)
    } else stack.push(leafText(out, node))
  }
  return stack.pop()!
}

const leafText = (out: CilWriter, { kind, attribute, operator, names, typeSet }: ConstraintNode): string => {
  const word = operators[operator]!
  const letter = attribute & policydb.CEXPR_USER ? 'u' : attribute & policydb.CEXPR_ROLE ? 'r' : 't'
  if (kind === policydb.CEXPR_ATTR) return `(${word} ${levels[attribute] ?? `${letter}1 ${letter}2`})`
  const side = attribute & policydb.CEXPR_XTARGET ? 3 : attribute & policydb.CEXPR_TARGET ? 2 : 1
  const set = typeSet!
  const found = letter === 't' ? out.typesOf({ names: set.types, without: set.negated, flags: set.flags })
    : Array.from(names ?? [], (bit) => out.nameOf(letter === 'u' ? 'users' : 'roles', bit + 1))
  if (found.length === 0) {
    throw new PolicyError('not-expressible', 'a constraint compares with an empty set of roles or users')
  }
  return `(${word} ${letter}${side} ${found.length === 1 ? found[0] : joined(found)})`
}
