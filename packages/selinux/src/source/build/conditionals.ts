/** Rules under conditions: one list for all equal conditions of a block. */
import type { ModuleConditional, ModuleRule } from '../../module/module.ts'
import * as policydb from '../../policydb/constants.ts'
import type { Condition, Statement, StatementOf } from '../te/ast.ts'
import { accessKinds, xpermKinds } from '../te/ast.ts'
import type { Builder } from './builder.ts'
import { accessRule, typeRule, xpermRules } from './rules.ts'

type Nodes = ModuleConditional['expression'][number][]

const operators = {
  and: policydb.COND_AND, or: policydb.COND_OR, xor: policydb.COND_XOR, eq: policydb.COND_EQ, neq: policydb.COND_NEQ,
} as const
/** Booleans of one condition for which all combinations are compared. */
const MOST_COMPARED = 5

interface Found {
  nodes: Nodes
  tunables: number
  booleans: number
}

const nodesOf = (builder: Builder, condition: Condition, found: Found): void => {
  switch (condition.kind) {
    case 'bool': {
      const { value, isTunable } = builder.find('booleans', condition.name)
      if (isTunable) found.tunables++
      else found.booleans++
      found.nodes.push({ kind: policydb.COND_BOOL, bool: value })
      break
    }
    case 'not':
      nodesOf(builder, condition.of, found)
      found.nodes.push({ kind: policydb.COND_NOT, bool: 0 })
      break
    default:
      nodesOf(builder, condition.left, found)
      nodesOf(builder, condition.right, found)
      found.nodes.push({ kind: operators[condition.kind], bool: 0 })
  }
}

const depthOf = (nodes: Nodes): number => {
  let [depth, most] = [0, 0]
  for (const { kind } of nodes) {
    if (kind === policydb.COND_BOOL) depth++
    else if (kind !== policydb.COND_NOT) depth--
    most = Math.max(most, depth)
  }
  return most
}

const boolsOf = (nodes: Nodes): number[] =>
  [...new Set(nodes.filter(({ kind }) => kind === policydb.COND_BOOL).map(({ bool }) => bool))]

/** Whether a condition holds for these values of its booleans. */
export const holds = (nodes: ModuleConditional['expression'], values: ReadonlyMap<number, boolean>): boolean => {
  const stack: boolean[] = []
  for (const { kind, bool } of nodes) {
    if (kind === policydb.COND_BOOL) stack.push(values.get(bool)!)
    else if (kind === policydb.COND_NOT) stack.push(!stack.pop()!)
    else {
      const [right, left] = [stack.pop()!, stack.pop()!]
      stack.push(kind === policydb.COND_AND ? left && right : kind === policydb.COND_OR ? left || right
        : (kind === policydb.COND_EQ) === (left === right))
    }
  }
  return stack[0]!
}

/** Equal conditions have equal keys: the booleans, and for which values of them it holds. */
const keyOf = (nodes: Nodes): string => {
  const bools = boolsOf(nodes)
  if (bools.length > MOST_COMPARED) return nodes.map(({ kind, bool }) => `${kind}:${bool}`).join(' ')
  const sorted = [...bools].sort((a, b) => a - b)
  const results = Array.from({ length: 1 << sorted.length }, (_, test) =>
    Number(holds(nodes, new Map(sorted.map((bool, i) => [bool, (test & (1 << i)) !== 0])))))
  return `${sorted.join(' ')} = ${results.join('')}`
}

interface Merged extends ModuleConditional {
  readonly whenTrue: ModuleRule[]
  readonly whenFalse: ModuleRule[]
}

/** Rules of a branch; the last one that was written comes first. */
const rulesOf = (builder: Builder, statements: readonly Statement[]): ModuleRule[] => {
  const rules: ModuleRule[] = []
  for (const statement of statements) {
    builder.statement = statement.at
    rules.unshift(...ruleOf(builder, statement))
  }
  return rules
}

const allowed: ReadonlySet<string> =
  new Set([...accessKinds, ...xpermKinds].filter((kind) => !kind.startsWith('neverallow')))

const ruleOf = (builder: Builder, statement: Statement): ModuleRule[] => {
  if (statement.kind === 'require') return []
  if (statement.kind === 'type_transition' || statement.kind === 'type_member' || statement.kind === 'type_change') {
    if (statement.name !== null) {
      builder.fail('misplaced', 'a transition by name stands under no condition', statement.at)
    }
    return [typeRule(builder, statement)]
  }
  if (!allowed.has(statement.kind)) {
    return builder.fail('misplaced', `\`${statement.kind}\` stands under no condition`, statement.at,
      'rules and `require` may')
  }
  return 'permissions' in statement && 'sources' in statement ? [accessRule(builder, statement)]
    : xpermRules(builder, statement as StatementOf<'allowxperm'>).reverse()
}

export const addConditional = (builder: Builder, statement: StatementOf<'if'>): void => {
  const found: Found = { nodes: [], tunables: 0, booleans: 0 }
  nodesOf(builder, statement.condition, found)
  if (found.tunables > 0 && found.booleans > 0) {
    builder.fail('conflict', 'a condition has tunables and booleans', statement.at)
  }
  if (depthOf(found.nodes) > policydb.COND_EXPR_MAXDEPTH) {
    builder.fail('too-deep', `a condition is nested deeper than ${policydb.COND_EXPR_MAXDEPTH}`, statement.at)
  }
  let [whenTrue, whenFalse] = [rulesOf(builder, statement.whenTrue), rulesOf(builder, statement.whenFalse)]
  if (whenTrue.length === 0 && whenFalse.length === 0) return
  let expression = found.nodes
  // As checkpolicy: rules come first, and a negation around all of it goes.
  if (whenTrue.length === 0) {
    expression = [...expression, { kind: policydb.COND_NOT, bool: 0 }]
    ;[whenTrue, whenFalse] = [whenFalse, whenTrue]
  }
  if (expression.at(-1)!.kind === policydb.COND_NOT) {
    expression = expression.slice(0, -1)
    ;[whenTrue, whenFalse] = [whenFalse, whenTrue]
  }
  const key = keyOf(expression)
  const { conditionals } = builder.block
  const known = conditionals.find((other) => keyOf([...other.expression]) === key) as Merged | undefined
  if (known === undefined) {
    conditionals.unshift({ expression, whenTrue, whenFalse, isTunable: found.tunables > 0 } as Merged)
    return
  }
  known.whenTrue.push(...whenTrue)
  known.whenFalse.push(...whenFalse)
}
