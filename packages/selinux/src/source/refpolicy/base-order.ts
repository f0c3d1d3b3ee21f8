/** The order of a base module: declarations before what names them, whichever module they are from. */
import type { Statement } from '../te/ast.ts'

const first: ReadonlyMap<string, number> = new Map(
  ['attribute', 'attribute_role', 'bool', 'tunable', 'role', 'type', 'typealias'].map((kind, i) => [kind, i]))

const keyOf = (statement: Statement): string =>
  ('name' in statement && statement.name !== null ? statement.name.text : '')

/** A role with `types` stays where it is; it has a kind of its own. */
export const inBaseOrder = (statements: readonly Statement[]): Statement[] => {
  const declared = statements.filter(({ kind }) => first.has(kind)).sort((a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)]
    return first.get(a.kind)! - first.get(b.kind)! || (x < y ? -1 : x > y ? 1 : a.at - b.at)
  })
  return [...declared, ...statements.filter(({ kind }) => !first.has(kind))]
}
