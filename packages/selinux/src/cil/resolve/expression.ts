/** Set and boolean expressions with their names resolved. */
import type { Declared } from './scope.ts'

/** The operator `list` joins its operands by `or`, and is what `(a b c)` means. */
export type Operator = 'and' | 'or' | 'xor' | 'not' | 'all' | 'eq' | 'neq' | 'range' | 'list'

export interface Operation<Operand> {
  readonly operator: Operator
  readonly operands: readonly (Operand | Operation<Operand>)[]
}

export type Expression<Operand = Declared> = Operand | Operation<Operand>

export const isOperation = <Operand extends object>(
  expression: Expression<Operand>,
): expression is Operation<Operand> =>
  'operator' in expression

/** Calls `visit` with every name in the expression. */
export const forEachName = <Operand extends object>(
  expression: Expression<Operand>, visit: (name: Operand) => void,
): void => {
  if (isOperation(expression)) for (const operand of expression.operands) forEachName(operand, visit)
  else visit(expression)
}
