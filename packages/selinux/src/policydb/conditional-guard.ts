/** When the rules of a conditional hold, as a text that does not depend on how the expression is written. */
import { COND_AND, COND_BOOL, COND_EQ, COND_NEQ, COND_NOT, COND_OR, COND_XOR } from './constants.ts'
import type { ConditionalNode } from './policydb.ts'

/** More booleans than this are written as the expression has them: a table would be too long. */
const TABLE = 10

/** The value of a postfix expression, `boolOf` giving those of its booleans by value. */
export const evaluateConditional = (
  expression: readonly ConditionalNode[], boolOf: (value: number) => boolean,
): boolean => {
  const stack: boolean[] = []
  for (const { kind, bool } of expression) {
    if (kind === COND_BOOL) stack.push(boolOf(bool))
    else if (kind === COND_NOT) stack.push(!stack.pop()!)
    else {
      const right = stack.pop()!
      const left = stack.pop()!
      if (kind === COND_OR) stack.push(left || right)
      else if (kind === COND_AND) stack.push(left && right)
      else if (kind === COND_XOR || kind === COND_NEQ) stack.push(left !== right)
      else if (kind === COND_EQ) stack.push(left === right)
    }
  }
  return stack.pop()!
}

/** `if [a b] 0110 `: the answers for every state of the named booleans, the first one changing slowest. */
export const conditionalGuard = (
  expression: readonly ConditionalNode[], names: readonly (string | undefined)[], wanted: boolean,
): string => {
  const values = [...new Set(expression.filter(({ kind }) => kind === COND_BOOL).map(({ bool }) => bool))]
  values.sort((a, b) => ((names[a] ?? '') < (names[b] ?? '') ? -1 : 1))
  const list = values.map((value) => names[value]).join(' ')
  if (values.length > TABLE) {
    const text = expression.map(({ kind, bool }) => (kind === COND_BOOL ? names[bool] : `#${kind}`)).join(' ')
    return `if ${wanted ? '' : 'not '}[${text}] `
  }
  let table = ''
  for (let state = 0; state < 1 << values.length; state++) {
    const answer = evaluateConditional(
      expression, (value) => (state & (1 << (values.length - 1 - values.indexOf(value)))) !== 0,
    )
    table += answer === wanted ? '1' : '0'
  }
  return `if [${list}] ${table} `
}
