/** Constraints of a class: a mask and a postfix expression each. */
import type { ByteReader } from './byte-reader.ts'
import {
  CEXPR_AND, CEXPR_ATTR, CEXPR_H1H2, CEXPR_H1L2, CEXPR_INCOMP, CEXPR_L1H1, CEXPR_L1H2, CEXPR_L1L2, CEXPR_L2H2,
  CEXPR_MAXDEPTH, CEXPR_NAMES, CEXPR_NEQ, CEXPR_NOT, CEXPR_OR, CEXPR_ROLE, CEXPR_TARGET, CEXPR_TYPE, CEXPR_USER,
  CEXPR_XTARGET, POLICYDB_VERSION_CONSTRAINT_NAMES,
} from './constants.ts'
import type { Constraint, ConstraintNode } from './policydb.ts'

const LEVELS = new Set([CEXPR_L1L2, CEXPR_L1H2, CEXPR_H1L2, CEXPR_H1H2, CEXPR_L1H1, CEXPR_L2H2])
const NAMES_OF = new Set([CEXPR_USER, CEXPR_ROLE, CEXPR_TYPE])

/** A node's own attribute and operator, checked as the kernel's constraint_expr_eval would meet them. */
const checkLeaf = (r: ByteReader, { kind, attribute, operator }: ConstraintNode, at: number): void => {
  const comparison = operator >= 1 && operator <= CEXPR_INCOMP
  const equality = comparison && operator <= CEXPR_NEQ
  const known =
    kind === CEXPR_NAMES
      ? equality && NAMES_OF.has(attribute & ~(CEXPR_TARGET | CEXPR_XTARGET))
      : LEVELS.has(attribute) || attribute === CEXPR_ROLE
        ? comparison
        : equality && (attribute === CEXPR_USER || attribute === CEXPR_TYPE)
  if (!known) r.fail('bad-expression', `a constraint compares attribute ${attribute} by operator ${operator}`, null, at)
}

/** What a node does to the stack; throws where the evaluator could not go on. */
const depthAfter = (r: ByteReader, node: ConstraintNode, depth: number, at: number): number => {
  switch (node.kind) {
    case CEXPR_NOT:
      if (depth < 1) r.fail('bad-expression', 'a constraint negates nothing', null, at)
      return depth
    case CEXPR_AND:
    case CEXPR_OR:
      if (depth < 2) r.fail('bad-expression', 'a constraint joins less than two terms', null, at)
      return depth - 1
    case CEXPR_ATTR:
    case CEXPR_NAMES:
      if (depth === CEXPR_MAXDEPTH) {
        r.fail('bad-expression', `a constraint nests deeper than ${CEXPR_MAXDEPTH}`, null, at)
      }
      checkLeaf(r, node, at)
      return depth + 1
    default:
      return r.fail('bad-expression', `a constraint has a node of kind ${node.kind}`, null, at)
  }
}

/** Nodes without names that are the same are one object: a policy has many of few. */
type PlainNodes = Map<string, ConstraintNode>

const plainNode = (plain: PlainNodes, kind: number, attribute: number, operator: number): ConstraintNode => {
  const key = `${kind} ${attribute} ${operator}`
  let node = plain.get(key)
  if (node === undefined) plain.set(key, node = { kind, attribute, operator, names: null, typeSet: null })
  return node
}

const readNode = (r: ByteReader, version: number, plain: PlainNodes): ConstraintNode => {
  const kind = r.u32('constraint node')
  const attribute = r.u32('constraint node')
  const operator = r.u32('constraint node')
  if (kind !== CEXPR_NAMES) return plainNode(plain, kind, attribute, operator)
  const names = r.ebitmap('names of a constraint')
  if (version < POLICYDB_VERSION_CONSTRAINT_NAMES) return { kind, attribute, operator, names, typeSet: null }
  const types = r.ebitmap('type set of a constraint')
  const negated = r.ebitmap('type set of a constraint')
  return { kind, attribute, operator, names, typeSet: { types, negated, flags: r.u32('type set of a constraint') } }
}

const readConstraint = (r: ByteReader, version: number, plain: PlainNodes): Constraint => {
  const permissions = r.u32('permissions of a constraint')
  const count = r.count(12, 'nodes of a constraint')
  let depth = 0
  const expression = r.list(count, () => {
    const at = r.at
    const node = readNode(r, version, plain)
    depth = depthAfter(r, node, depth, at)
    return node
  })
  if (depth !== 1) r.fail('bad-expression', `a constraint leaves ${depth} values`)
  return { permissions, expression }
}

export const readConstraints = (r: ByteReader, version: number, count: number): Constraint[] => {
  const plain: PlainNodes = new Map()
  return r.list(count, () => readConstraint(r, version, plain))
}
