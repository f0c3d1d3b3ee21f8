/** Conditions as setools writes them, infix, the later operand first; and whether they hold. */
import { COND_AND, COND_BOOL, COND_EQ, COND_NEQ, COND_NOT, COND_OR, COND_XOR } from '../policydb/constants.ts'
import type { ConditionalNode } from '../policydb/policydb.ts'

const operators: ReadonlyMap<number, readonly [text: string, precedence: number]> = new Map([
  [COND_NOT, ['!', 5]], [COND_EQ, ['==', 4]], [COND_NEQ, ['!=', 4]], [COND_AND, ['&&', 3]], [COND_XOR, ['^', 2]],
  [COND_OR, ['||', 1]],
])

export const conditionalText = (
  expression: readonly ConditionalNode[], booleans: readonly (string | undefined)[],
): string => {
  const stack: { text: string; isName: boolean }[] = []
  let before = 5
  for (const { kind, bool } of expression) {
    if (kind === COND_BOOL) {
      stack.push({ text: booleans[bool] ?? `#${bool}`, isName: true })
      continue
    }
    const [operator, precedence] = operators.get(kind)!
    const first = stack.pop()!
    if (kind === COND_NOT) stack.push({ text: first.isName ? `! ${first.text}` : `! ( ${first.text} )`, isName: false })
    else {
      const text = `${first.text} ${operator} ${stack.pop()!.text}`
      stack.push({ text: before > precedence ? text : `( ${text} )`, isName: false })
    }
    before = precedence
  }
  return stack.map(({ text }) => text).join(' ')
}

/** Whether the condition holds for these states, by value. */
export const evaluateCondition = (
  expression: readonly ConditionalNode[], states: ReadonlyMap<number, boolean>,
): boolean => {
  const stack: boolean[] = []
  for (const { kind, bool } of expression) {
    if (kind === COND_BOOL) stack.push(states.get(bool) ?? false)
    else if (kind === COND_NOT) stack.push(!stack.pop()!)
    else {
      const [b, a] = [stack.pop()!, stack.pop()!]
      stack.push(kind === COND_AND ? a && b : kind === COND_OR ? a || b : kind === COND_EQ ? a === b : a !== b)
    }
  }
  return stack[0] ?? false
}
