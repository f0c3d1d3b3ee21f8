/** booleanif to conditionals: conditions that mean the same share one. */
import { evaluateConditional } from '../../policydb/conditional-guard.ts'
import {
  COND_AND, COND_BOOL, COND_EQ, COND_EXPR_MAXDEPTH, COND_NEQ, COND_NOT, COND_OR, COND_XOR,
} from '../../policydb/constants.ts'
import type { Conditional, ConditionalNode } from '../../policydb/policydb.ts'
import { CilError } from '../errors.ts'
import type { Tree } from '../parse.ts'
import { isOperation } from '../resolve/expression.ts'
import type { Expression } from '../resolve/expression.ts'
import type { BooleanIf } from '../resolve/facts.ts'
import type { BooleanSymbol } from '../resolve/symbols.ts'
import type { BaseTables } from './base-tables.ts'
import { ConditionalBranch } from './rules.ts'
import type { RuleWriter } from './rules.ts'

/** libsepol compares conditions of up to so many booleans by their truth tables, others by how they are written. */
const COND_MAX_BOOLS = 5

const kinds: Readonly<Record<string, number>> = {
  not: COND_NOT, and: COND_AND, or: COND_OR, xor: COND_XOR, eq: COND_EQ, neq: COND_NEQ,
}

export interface ConditionalOptions {
  /** Confuse conditions as libsepol 3.8 does, see `conditionKey`. */
  readonly asSecilc: boolean
  /** Conditions of the policy that all of this is added to. */
  readonly base?: BaseTables | null
}

export const writeConditionals = (tree: Tree, booleanIfs: readonly BooleanIf[], states: readonly boolean[],
  writer: RuleWriter, options: ConditionalOptions): Conditional[] => {
  const known = new Map<string, Entry>()
  const { base = null } = options
  for (const conditional of base?.policy.conditionals ?? []) {
    const { whenTrue, whenFalse } = conditional
    const { entry, isSwapped } = entryOf(known, base!.expression(conditional), options)
    writer.copyBranch(base!, isSwapped ? whenFalse : whenTrue, entry.yes)
    writer.copyBranch(base!, isSwapped ? whenTrue : whenFalse, entry.no)
  }
  for (const { expression, whenTrue, whenFalse, node } of booleanIfs) {
    const nodes = postfix(expression)
    if (depthOf(nodes) > COND_EXPR_MAXDEPTH) {
      throw new CilError('bad-expression', `a condition deeper than ${COND_EXPR_MAXDEPTH}`, tree.place(node))
    }
    const { entry, isSwapped } = entryOf(known, nodes, options)
    const [yes, no] = isSwapped ? [entry.no, entry.yes] : [entry.yes, entry.no]
    // The list that is the condition's true one comes first, as in libsepol.
    const order = isSwapped ? [[whenFalse, no, yes], [whenTrue, yes, no]] as const
      : [[whenTrue, yes, no], [whenFalse, no, yes]] as const
    for (const [rules, into, other] of order) writer.writeBranch(rules, into, other)
  }
  return [...known.values()].map(({ conditional, yes, no }) => ({
    state: evaluateConditional(conditional, (value) => states[value - 1]!), expression: conditional,
    whenTrue: yes.table, whenFalse: no.table,
  }))
}

interface Entry {
  readonly conditional: ConditionalNode[]
  readonly yes: ConditionalBranch
  readonly no: ConditionalBranch
}

/** What the condition shares with all that mean the same. One that is negated is the other one, swapped. */
const entryOf = (
  known: Map<string, Entry>, nodes: ConditionalNode[], { asSecilc }: ConditionalOptions,
): { readonly entry: Entry; readonly isSwapped: boolean } => {
  const isSwapped = nodes.at(-1)!.kind === COND_NOT
  if (isSwapped) nodes.pop()
  const key = conditionKey(nodes, asSecilc)
  let entry = known.get(key)
  if (entry === undefined) {
    entry = { conditional: nodes, yes: new ConditionalBranch(), no: new ConditionalBranch() }
    known.set(key, entry)
  }
  return { entry, isSwapped }
}

const postfix = (expression: Expression): ConditionalNode[] => {
  if (!isOperation(expression)) return [{ kind: COND_BOOL, bool: (expression as BooleanSymbol).value + 1 }]
  const { operator, operands } = expression
  if (operator === 'list') {
    return operands.flatMap((operand, i) =>
      i === 0 ? postfix(operand) : [...postfix(operand), { kind: COND_OR, bool: 0 }])
  }
  return [...operands.flatMap(postfix), { kind: kinds[operator]!, bool: 0 }]
}

const depthOf = (nodes: readonly ConditionalNode[]): number => {
  let [depth, most] = [0, 0]
  for (const { kind } of nodes) {
    if (kind === COND_BOOL) most = Math.max(most, ++depth)
    else if (kind !== COND_NOT) depth--
  }
  return most
}

/**
 * Equal for conditions that are one. libsepol numbers the booleans of each condition in the order they appear in it,
 * and then compares tables: `(and a (not b))` and `(and b (not a))` are the same to it, and their rules end up under
 * whichever came first. `asSecilc` repeats that; otherwise the booleans are numbered in one order for all.
 */
const conditionKey = (nodes: readonly ConditionalNode[], asSecilc: boolean): string => {
  const inOrder = [...new Set(nodes.filter(({ kind }) => kind === COND_BOOL).map(({ bool }) => bool))]
  const sorted = [...inOrder].sort((a, b) => a - b)
  if (inOrder.length > COND_MAX_BOOLS) return nodes.map(({ kind, bool }) => `${kind}.${bool}`).join(' ')
  const numbered = asSecilc ? inOrder : sorted
  let table = ''
  for (let test = 0; test < 1 << numbered.length; test++) {
    table += evaluateConditional(nodes, (bool) => (test & (1 << numbered.indexOf(bool))) !== 0) ? '1' : '0'
  }
  return `${sorted.join(' ')} ${table}`
}
