/** Conditionals: an expression of booleans and two lists of rules each. */
import type { ByteReader } from './byte-reader.ts'
import {
  COND_BOOL, COND_EXPR_MAXDEPTH, COND_NEQ, COND_NOT, POLICYDB_VERSION_COND_XPERMS,
} from './constants.ts'
import { conditionalOf, RuleStore } from './packed-conditional.ts'
import type { Conditional, ConditionalNode } from './policydb.ts'
import { readAvtab } from './read-avtab.ts'
import type { Limits } from './read-mls.ts'

/** Nodes that are the same are one object: a policy has many of few. */
type Nodes = Map<number, ConditionalNode>

const NODE_KINDS = 8

const nodeOf = (nodes: Nodes, kind: number, bool: number): ConditionalNode => {
  const key = bool * NODE_KINDS + kind
  let node = nodes.get(key)
  if (node === undefined) nodes.set(key, node = { kind, bool })
  return node
}

const readExpression = (r: ByteReader, booleans: number, nodes: Nodes): ConditionalNode[] => {
  let depth = 0
  const expression = r.list(r.count(8, 'nodes of a conditional'), () => {
    const at = r.at
    const kind = r.u32('conditional node')
    const bool = r.u32('conditional node')
    if (kind < COND_BOOL || kind > COND_NEQ) {
      r.fail('bad-expression', `a conditional has a node of kind ${kind}`, null, at)
    }
    if (kind === COND_BOOL) {
      if (bool === 0 || bool > booleans) r.fail('bad-reference', `a conditional asks boolean ${bool}`, null, at + 4)
      if (++depth > COND_EXPR_MAXDEPTH) {
        r.fail('bad-expression', `a conditional nests deeper than ${COND_EXPR_MAXDEPTH}`, null, at)
      }
    } else if (depth < (kind === COND_NOT ? 1 : 2)) {
      r.fail('bad-expression', 'a conditional joins less terms than it needs', null, at)
    } else if (kind !== COND_NOT) depth--
    return nodeOf(nodes, kind, bool)
  })
  if (depth !== 1) r.fail('bad-expression', `a conditional leaves ${depth} values`)
  return expression
}

export const readConditionals = (r: ByteReader, version: number, limits: Limits, booleans: number): Conditional[] => {
  const count = r.count(16, 'conditionals')
  const conditionals: Conditional[] = []
  const nodes: Nodes = new Map()
  const store = new RuleStore()
  for (let i = 0; i < count; i++) {
    const state = r.u32('state of a conditional') !== 0
    const expression = readExpression(r, booleans, nodes)
    const whenTrue = readAvtab(r, version, limits, 'rules of a conditional', POLICYDB_VERSION_COND_XPERMS)
    const whenFalse = readAvtab(r, version, limits, 'rules of a conditional', POLICYDB_VERSION_COND_XPERMS)
    conditionals.push(conditionalOf(state, expression, whenTrue, whenFalse, store))
  }
  return conditionals
}
