/** Goes through the statements that count: not those of macros, abstract blocks and ins, which stand elsewhere too. */
import type { Scope } from './scope.ts'
import type { BlockSymbol } from './symbols.ts'

export const isSkipped = (scope: Scope): boolean =>
  scope.kind === 'macro' || scope.kind === 'in' ||
    (scope.kind === 'block' && (scope.symbol as BlockSymbol).isAbstract)

export const walk = (
  scope: Scope, visit: (scope: Scope, node: number) => void, enter: (scope: Scope) => void,
): void => {
  for (const item of scope.items) {
    if (typeof item === 'number') visit(scope, item)
    else if (!isSkipped(item)) {
      enter(item)
      walk(item, visit, enter)
    }
  }
}
