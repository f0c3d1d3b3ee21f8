/** The order of a base module: declarations before what names them, whichever module they are from. */
import type { Statement } from '../te/ast.ts'

const first: ReadonlyMap<string, number> = new Map(
  ['attribute', 'attribute_role', 'bool', 'tunable', 'role', 'type', 'typealias'].map((kind, i) => [kind, i]))

const keyOf = (statement: Statement): string =>
  ('name' in statement && statement.name !== null ? statement.name.text : '')

/** Statements of modules begin at `modules`; those before it keep their order, behind the modules' declarations. */
export const inBaseOrder = (statements: readonly Statement[], modules: number): Statement[] => {
  const isMoved = ({ kind, at }: Statement): boolean => at >= modules && first.has(kind)
  const declared = statements.filter(isMoved).sort((a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)]
    return first.get(a.kind)! - first.get(b.kind)! || (x < y ? -1 : x > y ? 1 : a.at - b.at)
  })
  return [...declared, ...statements.filter((statement) => !isMoved(statement))]
}
