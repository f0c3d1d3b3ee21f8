/** The same by lines of CIL source: which allow and typetransition statements were used, and how often (lcov). */
import { hasBit } from '../bits.ts'
import { parse } from '../cil/parse.ts'
import type { Tree } from '../cil/parse.ts'
import type { CilSource } from '../cil/sources.ts'
import type { PolicyCoverage } from './coverage.ts'

export interface CoveredLine {
  readonly file: string
  readonly line: number
  /** Different uses: of a source, a target, a class and permissions, or a name, each. */
  readonly hits: number
}

interface Statement {
  readonly source: string
  readonly target: string
  readonly tclass: string
  readonly position: number
}

interface AllowStatement extends Statement {
  /** Null: an expression; any permission of the class counts. */
  readonly permissions: readonly string[] | null
}

interface TransitionStatement extends Statement {
  readonly name: string | null
  readonly result: string
}

/** The word of a node; null for a list, or where there is none. */
const wordOf = (tree: Tree, node: number): string | null =>
  (node < 0 || tree.isList(node) ? null : tree.names.text(tree.word[node]!))

/** `(allow SOURCE TARGET (CLASS (PERMISSIONS)))` anywhere in the text; what names a set of permissions is left out. */
const allowsOf = (tree: Tree): AllowStatement[] => {
  const text = (node: number): string | null => wordOf(tree, node)
  const found: AllowStatement[] = []
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

/** `(typetransition SOURCE TARGET CLASS [NAME] RESULT)` anywhere in the text. */
const transitionsOf = (tree: Tree): TransitionStatement[] => {
  const found: TransitionStatement[] = []
  for (let node = 0; node < tree.size; node++) {
    if (!tree.isList(node) || wordOf(tree, tree.child(node, 0)) !== 'typetransition') continue
    const words = Array.from({ length: tree.count(node) - 1 }, (_, i) => wordOf(tree, tree.child(node, i + 1)))
    if (!words.every((word) => word !== null) || words.length < 4 || words.length > 5) continue
    const [source, target, tclass] = words as [string, string, string]
    found.push({ source, target, tclass, name: words.length === 5 ? words[3]! : null, result: words.at(-1)!,
      position: tree.position[node]! })
  }
  return found
}

/** Whether types are those that a statement is about; null when its names are not the policy's. */
const pairOf = (
  { view }: PolicyCoverage, { source, target, tclass }: Statement,
): ((source: number, target: number) => boolean) | null => {
  if (!view.hasType(source) || (target !== 'self' && !view.hasType(target)) || !view.hasClass(tclass)) return null
  const from = view.members(view.type(source))
  const to = target === 'self' ? null : view.members(view.type(target))
  return (one, other) => hasBit(from, one) && (to === null ? one === other : hasBit(to, other))
}

/**
 * A line for each allow and typetransition statement whose names are those of the policy: in a block or a macro they
 * are others, and the statement is left out. Throws CilError for what is no CIL.
 */
export const coveredLines = (coverage: PolicyCoverage, sources: readonly CilSource[]): CoveredLine[] => {
  const tree = parse(sources)
  const lineOf = ({ position }: Statement, hits: number): CoveredLine => {
    const { file, line } = tree.sources.placeOf(position)
    return { file, line, hits }
  }
  return [...allowLines(coverage, tree, lineOf), ...transitionLines(coverage, tree, lineOf)]
}

type LineOf = (statement: Statement, hits: number) => CoveredLine

const allowLines = (coverage: PolicyCoverage, tree: Tree, lineOf: LineOf): CoveredLine[] => {
  const uses = [...coverage.granted()]
  return allowsOf(tree).flatMap((statement) => {
    const { tclass, permissions } = statement
    const isOf = pairOf(coverage, statement)
    if (isOf === null) return []
    return [lineOf(statement, uses.filter(({ use, source, target }) => use.tclass === tclass && isOf(source, target) &&
      (permissions === null || use.permissions.some((name) => permissions.includes(name)))).length)]
  })
}

const transitionLines = (coverage: PolicyCoverage, tree: Tree, lineOf: LineOf): CoveredLine[] => {
  const { view } = coverage
  /** Each use once, though several rules share it, with the name of the rule that decided. */
  const uses = new Map(coverage.transitions().rules.flatMap((covered) =>
    covered.uses.map((use) => [use, covered.rule.filename] as const)))
  return transitionsOf(tree).flatMap((statement) => {
    const { tclass, name, result } = statement
    const isOf = pairOf(coverage, statement)
    if (isOf === null || !view.hasType(result)) return []
    const own = [...uses].filter(([use, byName]) => use.tclass === tclass && byName === name &&
      view.type(use.result) === view.type(result) && isOf(view.type(use.source), view.type(use.target)))
    return [lineOf(statement, own.length)]
  })
}
