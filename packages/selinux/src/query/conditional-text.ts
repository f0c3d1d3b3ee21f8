/** Conditions as setools writes them: infix, the later operand first. */
import { COND_AND, COND_BOOL, COND_EQ, COND_NEQ, COND_NOT, COND_OR, COND_XOR } from '../policydb/constants.ts'
import type { ConditionalNode } from '../policydb/policydb.ts'

const operators: ReadonlyMap<number, readonly [text: string, precedence: number]> = new Map([
  [COND_NOT, ['!', 5]], [COND_EQ, ['==', 4]], [COND_NEQ, ['!=', 4]], [COND_AND, ['&&', 3]], [COND_XOR, ['^', 2]],
  [COND_OR, ['||', 1]],
])

/** The condition of an `if` in a policy; `booleans` are names by value. */
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
