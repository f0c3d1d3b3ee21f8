/** Set expressions worked out to bits. */
import { allBits, bitsFor, difference, intersection, setBit, symmetric, union } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import { isOperation } from '../resolve/expression.ts'
import type { Expression } from '../resolve/expression.ts'
import type { Declared } from '../resolve/scope.ts'
import type { Effort } from '../effort.ts'

/** The members that a set may have, and the members that a name adds to one. */
export interface Universe {
  readonly size: number
  readonly effort: Effort
  /** The bits of a set, or the one bit of a member. */
  members(symbol: Declared): Bits | number
  /** From one member to another; sets have no order and throw. */
  range(from: Declared, to: Declared): Bits
}

/** Adds what the expression means to `into`. */
export const addSet = (into: Bits, expression: Expression, universe: Universe): void => {
  if (!isOperation(expression)) {
    const members = universe.members(expression)
    if (typeof members === 'number') setBit(into, members)
    else {
      universe.effort.spend(into.length)
      union(into, members)
    }
  } else if (expression.operator === 'list' || expression.operator === 'or') {
    for (const operand of expression.operands) addSet(into, operand, universe)
  } else union(into, operate(expression.operator, expression.operands, universe))
}

export const evaluateSet = (expression: Expression, universe: Universe): Bits => {
  const bits = bitsFor(universe.size)
  addSet(bits, expression, universe)
  return bits
}

const operate = (operator: string, operands: readonly Expression[], universe: Universe): Bits => {
  if (operator === 'all') return allBits(universe.size)
  if (operator === 'range') return universe.range(operands[0] as Declared, operands[1] as Declared)
  universe.effort.spend(universe.size >>> 3)
  const [a, b] = operands.map((operand) => evaluateSet(operand, universe)) as [Bits, Bits]
  switch (operator) {
    case 'and': return intersection(a, b)
    case 'xor': return symmetric(a, b)
    default: return difference(allBits(universe.size), a)
  }
}
