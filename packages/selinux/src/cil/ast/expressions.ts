/** The syntax of expressions: sets of names, booleans, permissions, extended permissions, constraints. */
import { CilError } from '../errors.ts'
import { W } from '../keywords.ts'
import type { Tree } from '../parse.ts'

/** The operands of an expression; they decide which operators there are. */
export type ExpressionKind = 'set' | 'categories' | 'booleans' | 'xperms'

const operands: Readonly<Record<number, 0 | 1 | 2>> = {
  [W.all]: 0, [W.not]: 1, [W.and]: 2, [W.or]: 2, [W.xor]: 2, [W.eq]: 2, [W.neq]: 2, [W.range]: 2,
}

const operatorsOf: Readonly<Record<ExpressionKind, ReadonlySet<number>>> = {
  set: new Set([W.and, W.or, W.xor, W.not, W.all]),
  categories: new Set([W.and, W.or, W.xor, W.not, W.all, W.range]),
  booleans: new Set([W.and, W.or, W.xor, W.not, W.eq, W.neq]),
  xperms: new Set([W.and, W.or, W.xor, W.not, W.all, W.range]),
}

/** Throws CilError unless `node` is a name, `(operator …)`, or a list of names and expressions. */
export const checkExpression = (tree: Tree, node: number, kind: ExpressionKind): void => {
  const operators = operatorsOf[kind]
  const bad = (at: number, message: string): never => {
    throw new CilError('bad-expression', message, tree.place(at))
  }
  if (!tree.isList(node)) {
    if (operators.has(tree.word[node]!)) bad(node, `the operator \`${tree.text(node)}\` stands where a name should be`)
    return
  }
  if (tree.isEmpty(node)) bad(node, 'an empty expression')
  const first = node + 1
  const operator = tree.isList(first) ? -1 : tree.word[first]!
  const count = operands[operator]
  let from = first
  if (count !== undefined) {
    if (!operators.has(operator)) bad(first, `\`${tree.text(first)}\` is not an operator here`)
    if (tree.count(node) - 1 !== count) bad(node, `\`${tree.text(first)}\` takes ${count} operands`)
    from = tree.next[first]!
    if (operator === W.range) {
      for (const end of tree.children(node, 1)) if (tree.isList(end)) bad(end, 'the ends of a range are names')
      return
    }
  }
  checkItems(tree, from, tree.next[node]!, kind)
}

const checkItems = (tree: Tree, from: number, to: number, kind: ExpressionKind): void => {
  for (let at = from; at < to; at = tree.next[at]!) checkExpression(tree, at, kind)
}

/** What an operand of a constraint names: user, role or type, of source, target or task; or a level. */
interface Operand {
  readonly side: 'u' | 'r' | 't' | 'level'
  readonly of: 1 | 2 | 3
  readonly text: string
}

const constraintOperands = new Map<number, Operand>()
for (const side of ['u', 'r', 't'] as const) {
  for (const n of [1, 2, 3] as const) constraintOperands.set(W[`${side}${n}`], { side, of: n, text: `${side}${n}` })
}
for (const text of ['l1', 'l2', 'h1', 'h2'] as const) {
  constraintOperands.set(W[text], { side: 'level', of: text.endsWith('1') ? 1 : 2, text })
}

/** Which levels a level may be compared with. */
const levelPairs = new Set(['l1 l2', 'h1 l2', 'l1 h2', 'l2 h2', 'h1 h2', 'l1 h1'])

/** The left operand of a comparison, for the compiler. */
export const constraintOperand = (word: number): Operand | undefined => constraintOperands.get(word)

/** Throws CilError unless `node` is an expression of (mls)constrain or (mls)validatetrans. */
export const checkConstraint = (tree: Tree, node: number, isTransition: boolean): void => {
  const bad = (at: number, message: string): never => {
    throw new CilError('bad-expression', message, tree.place(at))
  }
  if (!tree.isList(node) || tree.isEmpty(node) || tree.isList(node + 1)) {
    bad(node, 'a constraint is made of lists that begin with an operator')
  }
  const operator = tree.word[node + 1]!
  const rest = tree.children(node, 1)
  if (operator === W.not || operator === W.and || operator === W.or) {
    if (rest.length !== (operator === W.not ? 1 : 2)) {
      bad(node, `\`${tree.text(node + 1)}\` has too few or too many operands`)
    }
    for (const part of rest) checkConstraint(tree, part, isTransition)
    return
  }
  const isEquality = operator === W.eq || operator === W.neq
  if (!isEquality && operator !== W.dom && operator !== W.domby && operator !== W.incomp) {
    bad(node + 1, `\`${tree.text(node + 1)}\` is not an operator of a constraint`)
  }
  if (rest.length !== 2) bad(node, 'a comparison has two operands')
  const [left, right] = rest as [number, number]
  const leftOperand = tree.isList(left) ? undefined : constraintOperands.get(tree.word[left]!)
  if (leftOperand === undefined) return bad(left, 'the left side is one of u1 u2 u3 r1 r2 r3 t1 t2 t3 l1 l2 h1 h2')
  const rightOperand = tree.isList(right) ? undefined : constraintOperands.get(tree.word[right]!)
  if (rightOperand === undefined) {
    if (leftOperand.side === 'level') bad(right, 'a level is compared with a level')
    if (leftOperand.of === 3 && !isTransition) bad(left, `\`${leftOperand.text}\` is for validatetrans only`)
    if (tree.isList(right)) {
      if (!isEquality) bad(right, 'a list is compared with eq or neq')
      if (tree.isEmpty(right) || tree.children(right).some((child) => tree.isList(child))) bad(right, 'a list of names')
    }
    return
  }
  const pair = `${leftOperand.text} ${rightOperand.text}`
  if (leftOperand.side === 'level' || rightOperand.side === 'level') {
    if (!levelPairs.has(pair)) bad(right, `\`${pair}\` cannot be compared`)
  } else if (pair !== 'u1 u2' && pair !== 'r1 r2' && pair !== 't1 t2') bad(right, `\`${pair}\` cannot be compared`)
  else if (!isEquality && leftOperand.side !== 'r') bad(node + 1, 'only roles and levels dominate one another')
}
