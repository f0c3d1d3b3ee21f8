/** Contexts of different statements that come to the same. */
import { isEqual } from '../../bits.ts'
import type { ContextSymbol } from '../resolve/symbols.ts'
import type { Numbering } from './numbering.ts'

export const isSameContext = (n: Numbering, a: ContextSymbol | null, b: ContextSymbol | null): boolean => {
  if (a === b) return true
  if (a === null || b === null) return false
  if (a.user !== b.user || a.role !== b.role || a.type !== b.type) return false
  const [x, y] = [a.range!, b.range!]
  return ([[x.low!, y.low!], [x.high!, y.high!]] as const).every(([one, other]) =>
    one.sensitivity === other.sensitivity && isEqual(n.categories.level(one), n.categories.level(other)))
}
