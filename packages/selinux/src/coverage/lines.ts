/** The same by lines of CIL source: which allow statements were used, and how often, as editors show it (lcov). */
import { hasBit } from '../bits.ts'
import { parse } from '../cil/parse.ts'
import type { Tree } from '../cil/parse.ts'
import type { CilSource } from '../cil/sources.ts'
import type { PolicyCoverage } from './coverage.ts'

export interface CoveredLine {
  readonly file: string
  readonly line: number
  /** Different uses: of a source, a target, a class and permissions each. */
  readonly hits: number
}

interface Statement {
  readonly source: string
  readonly target: string
  readonly tclass: string
  /** Null: an expression; any permission of the class counts. */
  readonly permissions: readonly string[] | null
  readonly position: number
}

/** `(allow SOURCE TARGET (CLASS (PERMISSIONS)))` anywhere in the text; what names a set of permissions is left out. */
const allowsOf = (tree: Tree): Statement[] => {
  const text = (node: number): string | null =>
    (node < 0 || tree.isList(node) ? null : tree.names.text(tree.word[node]!))
  const found: Statement[] = []
  for (let node = 0; node < tree.size; node++) {
    if (!tree.isList(node) || text(tree.child(node, 0)) !== 'allow') continue
    const [source, target] = [text(tree.child(node, 1)), text(tree.child(node, 2))]
    const given = tree.child(node, 3)
    if (source === null || target === null || given < 0 || !tree.isList(given)) continue
    const tclass = text(tree.child(given, 0))
    const list = tree.child(given, 1)
    if (tclass === null || list < 0 || !tree.isList(list)) continue
    const names = Array.from({ length: tree.count(list) }, (_, i) => text(tree.child(list, i)))
    const isPlain = names.every((name) => name !== null && !['all', 'and', 'or', 'xor', 'not'].includes(name))
    const permissions = isPlain ? names as string[] : null
    found.push({ source, target, tclass, permissions, position: tree.position[node]! })
  }
  return found
}

/**
 * A line for each allow statement whose names are those of the policy: in a block or a macro they are others, and the
 * statement is left out. Throws CilError for what is no CIL.
 */
export const coveredLines = (coverage: PolicyCoverage, sources: readonly CilSource[]): CoveredLine[] => {
  const { view } = coverage
  const tree = parse(sources)
  const uses = [...coverage.granted()]
  return allowsOf(tree).flatMap(({ source, target, tclass, permissions, position }) => {
    if (!view.hasType(source) || (target !== 'self' && !view.hasType(target)) || !view.hasClass(tclass)) return []
    const from = view.members(view.type(source))
    const to = target === 'self' ? null : view.members(view.type(target))
    const hits = uses.filter(({ use, ...one }) => use.tclass === tclass && hasBit(from, one.source) &&
      (to === null ? one.source === one.target : hasBit(to, one.target)) &&
      (permissions === null || use.permissions.some((name) => permissions.includes(name)))).length
    const { file, line } = tree.sources.placeOf(position)
    return [{ file, line, hits }]
  })
}
